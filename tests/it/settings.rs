//! What clients' settings change of the objects they see: by a plain model, for every operation and all kinds of questions, and in
//! the life of a small school.

mod asked;
mod district;
mod email;
mod ended;
mod model;
mod seen;
