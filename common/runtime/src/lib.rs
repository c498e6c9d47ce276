//! Configuration, clock, telemetry, queues, the operation loop, the Lambda adapters.
