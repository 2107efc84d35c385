package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;
import org.junit.jupiter.api.Nested;

/** The contract of the network API, kept by the kernel's TCP on epoll. */
class PosixContractTest {
    private static RuntimeOptions posix() {
        return new RuntimeOptions().networkStack("posix").reactorBackend("epoll");
    }

    @Nested
    class Input extends InputContract {
        Input() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class Output extends OutputContract {
        Output() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class Views extends StreamViewContract {
        Views() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class Close extends CloseContract {
        Close() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class Reset extends ResetContract {
        Reset() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class TimeLimits extends TimeLimitContract {
        TimeLimits() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class Cancellation extends CancellationContract {
        Cancellation() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class SharedUse extends SharedUseContract {
        SharedUse() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class Listeners extends ListenerContract {
        Listeners() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class Addressing extends AddressContract {
        Addressing() {
            super(PosixContractTest::posix);
        }
    }

    @Nested
    class Distributions extends DistributionContract {
        Distributions() {
            super(PosixContractTest::posix);
        }
    }
}
