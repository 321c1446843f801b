//! The HTTP side: routes, the token endpoint, health, errors, replies.
