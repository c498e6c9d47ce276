//! What a laptop cannot have, speaking the real wire protocol over loopback.
