"""The web around the pages: routes, the security middleware, the cookie of the installation.

Nothing here imports streamlit: the pages are one ASGI application, this is what stands before and
beside it. `shared_app` is the one `App` of the process, for the routes and for the pages.
"""
