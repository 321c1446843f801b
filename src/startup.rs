//! Puts a server together: database, router, background publisher, listener, and the way down.
