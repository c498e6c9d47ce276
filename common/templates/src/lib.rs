//! The one template engine and the words of every mail.
