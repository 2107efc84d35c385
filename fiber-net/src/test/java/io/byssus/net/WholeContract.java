package io.byssus.net;

import org.junit.jupiter.api.Nested;

/** All parts of the {@linkplain NetworkContract contract}, for one stack. */
abstract class WholeContract {
    /** A new one for a part. */
    abstract StackUnderTest stack();

    @Nested
    class Input extends InputContract {
        Input() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Output extends OutputContract {
        Output() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Views extends StreamViewContract {
        Views() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Close extends CloseContract {
        Close() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Reset extends ResetContract {
        Reset() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class TimeLimits extends TimeLimitContract {
        TimeLimits() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Cancellation extends CancellationContract {
        Cancellation() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class SharedUse extends SharedUseContract {
        SharedUse() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Listeners extends ListenerContract {
        Listeners() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Addressing extends AddressContract {
        Addressing() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Distributions extends DistributionContract {
        Distributions() {
            super(WholeContract.this.stack());
        }
    }
}
