//! Performs the steps of tenant onboarding.
