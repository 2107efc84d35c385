package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;
import org.junit.jupiter.api.Nested;

/** The contract of the network API, kept by our own TCP over its loopback. */
class NativeContractTest {
    private static RuntimeOptions nativeStack() {
        RuntimeOptions options = new RuntimeOptions().networkStack("native");
        options.device().device("loopback");
        return options;
    }

    @Nested
    class Input extends InputContract {
        Input() {
            super(NativeContractTest::nativeStack);
        }
    }

    @Nested
    class Output extends OutputContract {
        Output() {
            super(NativeContractTest::nativeStack);
        }
    }

    @Nested
    class Views extends StreamViewContract {
        Views() {
            super(NativeContractTest::nativeStack);
        }
    }

    @Nested
    class Close extends CloseContract {
        Close() {
            super(NativeContractTest::nativeStack);
        }
    }

    @Nested
    class Reset extends ResetContract {
        Reset() {
            super(NativeContractTest::nativeStack);
        }
    }

    @Nested
    class TimeLimits extends TimeLimitContract {
        TimeLimits() {
            super(NativeContractTest::nativeStack);
        }
    }

    @Nested
    class Cancellation extends CancellationContract {
        Cancellation() {
            super(NativeContractTest::nativeStack);
        }
    }

    @Nested
    class SharedUse extends SharedUseContract {
        SharedUse() {
            super(NativeContractTest::nativeStack);
        }
    }

    @Nested
    class Listeners extends ListenerContract {
        Listeners() {
            super(NativeContractTest::nativeStack);
        }
    }

    @Nested
    class Addressing extends AddressContract {
        Addressing() {
            super(NativeContractTest::nativeStack);
        }

        @Override
        boolean hasIpv6() {
            return false;
        }
    }

    @Nested
    class Distributions extends DistributionContract {
        Distributions() {
            super(NativeContractTest::nativeStack);
        }
    }
}
