#![doc = include_str!("../README.md")]

pub mod brake;
pub mod diagnosis;
pub mod files;
pub mod labels;
pub mod plan;
pub mod render;
pub mod show;
pub mod yaml;
