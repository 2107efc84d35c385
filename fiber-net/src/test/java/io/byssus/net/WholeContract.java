package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** All parts of the {@linkplain NetworkContract contract}, for one stack. */
abstract class WholeContract {
    /** A new one for a part. */
    abstract StackUnderTest stack();

    @Test
    void whatDoesNotApplyIsATestOfTheContract() {
        try (StackUnderTest stack = stack()) {
            assertThat(tests()).containsAll(stack.inapplicable().keySet());
        }
    }

    private static Stream<String> tests() {
        return Stream.of(WholeContract.class.getDeclaredClasses())
                .map(Class::getSuperclass)
                .flatMap(part -> Stream.of(part.getDeclaredMethods()))
                .filter(method ->
                        method.isAnnotationPresent(Test.class)
                                || method.isAnnotationPresent(ParameterizedTest.class))
                .map(Method::getName);
    }

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
    class Lines extends LineContract {
        Lines() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Frames extends FrameContract {
        Frames() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Relays extends RelayContract {
        Relays() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Writes extends WriteContract {
        Writes() {
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
    class PeerShutdown extends PeerShutdownContract {
        PeerShutdown() {
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
    class Groups extends GroupContract {
        Groups() {
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
    class ProxiedListeners extends ProxyProtocolContract {
        ProxiedListeners() {
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
    class NamesOverTcp extends NamesOverTcpContract {
        NamesOverTcp() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class Distributions extends DistributionContract {
        Distributions() {
            super(WholeContract.this.stack());
        }
    }

    @Nested
    class MemoryShortage extends MemoryShortageContract {
        MemoryShortage() {
            super(WholeContract.this.stack());
        }
    }
}
