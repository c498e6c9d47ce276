//! Mail providers behind one trait.
