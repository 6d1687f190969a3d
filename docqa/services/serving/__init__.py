"""Running SGLang on this machine: `docqa serve`, and what the Engine page knows of it."""
