package io.byssus.net;

import org.junit.jupiter.api.Nested;

/**
 * The parts of the {@linkplain NetworkContract contract} that only stacks of the host's kernel keep
 * for now: datagrams, names asked for over them, and Unix sockets.
 */
abstract class KernelContract {
    /** A new one for a part. */
    abstract StackUnderTest stack();

    @Nested
    class Datagrams extends DatagramContract {
        Datagrams() {
            super(KernelContract.this.stack());
        }
    }

    @Nested
    class Names extends NamesContract {
        Names() {
            super(KernelContract.this.stack());
        }
    }

    @Nested
    class NamesUnderAttack extends NamesUnderAttackContract {
        NamesUnderAttack() {
            super(KernelContract.this.stack());
        }
    }

    @Nested
    class Multicast extends MulticastContract {
        Multicast() {
            super(KernelContract.this.stack());
        }
    }

    @Nested
    class Destinations extends DestinationContract {
        Destinations() {
            super(KernelContract.this.stack());
        }
    }

    @Nested
    class MemoryShortage extends DatagramMemoryContract {
        MemoryShortage() {
            super(KernelContract.this.stack());
        }
    }

    @Nested
    class Unix extends UnixContract {
        Unix() {
            super(KernelContract.this.stack());
        }
    }

    @Nested
    class UnixDatagrams extends UnixDatagramContract {
        UnixDatagrams() {
            super(KernelContract.this.stack());
        }
    }
}
