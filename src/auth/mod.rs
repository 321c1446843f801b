//! Who may read: clients and their secrets, signing keys, tokens that are tickets, scopes.
