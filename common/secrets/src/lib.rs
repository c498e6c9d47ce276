//! Secrets from Secrets Manager or the environment, and sealing.
