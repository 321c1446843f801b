//! What the types of this module that are read from text have in common.

/// Gives a type with a field `text` and a `FromStr` the rest: it is shown, stored and compared as its text, and read from it.
macro_rules! text_type {
    ($type:ident) => {
        impl $type {
            /// Returns the text it was read from.
            pub fn as_str(&self) -> &str {
                &self.text
            }
        }

        impl std::ops::Deref for $type {
            type Target = str;

            fn deref(&self) -> &str {
                &self.text
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = <Self as std::str::FromStr>::Err;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.text
            }
        }
    };
}

pub(super) use text_type;
