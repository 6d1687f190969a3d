"""`docqa bench prefix`: what a question costs when its corpus is cached, and when it is not."""
