package io.byssus.net;

import org.junit.jupiter.api.Nested;

/** All parts of the {@linkplain NetworkContract contract} of datagrams, for one stack. */
abstract class WholeDatagramContract {
    /** A new one for a part. */
    abstract StackUnderTest stack();

    @Nested
    class Datagrams extends DatagramContract {
        Datagrams() {
            super(WholeDatagramContract.this.stack());
        }
    }

    @Nested
    class Multicast extends MulticastContract {
        Multicast() {
            super(WholeDatagramContract.this.stack());
        }
    }

    @Nested
    class MemoryShortage extends DatagramMemoryContract {
        MemoryShortage() {
            super(WholeDatagramContract.this.stack());
        }
    }
}
