//! The `OneRoster` 1.1 standard as types: entities, vocabulary, references, status info; and its query language, [`query`].
//!
//! Pure: no SQL, no HTTP, no clock. Names are the standard's, in `snake_case`.

pub mod counted;
pub mod entity;
pub mod guid_ref;
pub mod kind;
pub mod moment;
pub mod object_type;
pub mod query;
pub mod status_info;
pub mod vocabulary;

pub use counted::{counted, counted_objects, first_few};
pub use entity::{AcademicSession, Base, Class, Course, Enrollment, Org, User};
pub use guid_ref::{GuidRef, RefType};
pub use kind::Kind;
pub use moment::Moment;
pub use object_type::ObjectType;
pub use vocabulary::{Boolean, ClassType, OrgType, RoleType, SessionType, StatusType};
