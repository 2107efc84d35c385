package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.testing.SteppedReactor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a group says of itself and refuses, off any shard. */
class SchedulingGroupTest {
    private final SchedulingGroup group = new SchedulingGroup("queries", 200);

    @Test
    void groupKnowsItsNameItsSharesAndItsParent() {
        assertThat(group.name()).isEqualTo("queries");
        assertThat(group.shares()).isEqualTo(200);
        assertThat(group.parent()).isEmpty();
        assertThat(group).hasToString("scheduling group 'queries'");
        SchedulingGroup inner = group.nested("point", 1000);
        assertThat(inner.parent()).contains(group);
        group.shares(1);
        assertThat(group.shares()).isEqualTo(1);
    }

    @Test
    void whoeverIsNotOnAShardIsInTheMainGroup() {
        assertThat(SchedulingGroup.current()).isSameAs(SchedulingGroup.main());
        assertThat(SchedulingGroup.main().name()).isEqualTo("main");
        assertThat(SchedulingGroup.main().shares()).isEqualTo(SchedulingGroup.SHARES_DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1001, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void tooFewOrTooManySharesAreRefused(int shares) {
        String sentence = "scheduling group '%s': shares=" + shares + ", not in 1..1000";
        assertThatThrownBy(() -> new SchedulingGroup("bad", shares))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sentence, "bad");
        assertThatThrownBy(() -> group.nested("worse", shares))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sentence, "worse");
        assertThatThrownBy(() -> group.shares(shares))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sentence, "queries");
        assertThat(group.shares()).isEqualTo(200);
    }

    @Test
    void nameIsNeeded() {
        assertThatThrownBy(() -> new SchedulingGroup(null, 1))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("name");
    }

    @Test
    void closedGroupRefusesEverythingNew() throws Throwable {
        assertThat(group.isClosed()).isFalse();
        group.close();
        assertThat(group.isClosed()).isTrue();
        assertClosed(group::close);
        assertClosed(() -> group.shares(7));
        assertClosed(() -> group.nested("inner", 7));
        SteppedReactor.run(stepped -> {
            stepped.onFiber(() -> {
                assertClosed(() -> Fiber.start(group, "late", () -> {}));
                assertClosed(() -> Fiber.call(group, () -> 1));
            });
            assertThat(stepped.reactor().groups()).hasSize(1);
        });
    }

    private static void assertClosed(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("scheduling group 'queries' is closed");
    }

    @Test
    void groupWithOpenNestedGroupsIsNotClosed() {
        SchedulingGroup inner = group.nested("inner", 10);
        SchedulingGroup other = group.nested("other", 10);
        assertThatThrownBy(group::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "scheduling group 'queries' has open nested groups, to be closed first:"
                                + " nested=2");
        inner.close();
        other.close();
        group.close();
        assertThat(group.isClosed()).isTrue();
    }

    @Test
    void mainGroupIsNeverClosed() {
        assertThatThrownBy(SchedulingGroup.main()::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the main scheduling group cannot be closed");
    }

    @Test
    void fiberOfAGroupNeedsAShard() {
        String sentence = "not on a shard: thread '%s' is not a fiber of a running Byssus";
        String thread = Thread.currentThread().getName();
        assertThatThrownBy(() -> Fiber.start(group, "nowhere", () -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(sentence, thread);
        assertThatThrownBy(() -> Fiber.call(group, () -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(sentence, thread);
        assertThatThrownBy(Fiber::yield)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(sentence, thread);
    }
}
