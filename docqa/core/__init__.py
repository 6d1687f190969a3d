"""The model of the problem. Pure: no input or output, no third-party I/O library."""
