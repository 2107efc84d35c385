package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.SteppedReactor;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FiberLocalTest {
    private final FiberLocal<String> inherited = FiberLocal.inherited();
    private final FiberLocal<String> confined = FiberLocal.confined();
    private final List<String> seen = new ArrayList<>();

    @Test
    void everyFiberHasAValueOfItsOwn() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (String name : List.of("a", "b", "c")) {
                stepped.start(
                        name,
                        () -> {
                            assertThat(confined.isSet()).isFalse();
                            confined.set(name);
                            inherited.set(name.repeat(2));
                            Thread.yield();
                            seen.add(confined.get() + inherited.get());
                        });
            }
            stepped.settle();
            assertThat(seen).containsExactly("aaa", "bbb", "ccc");
            assertThat(confined.isSet()).as("on the carrier").isFalse();
            assertThat(inherited.isSet()).as("on the carrier").isFalse();
        });
    }

    @Test
    void withoutAValueItSaysSo() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    for (FiberLocal<String> local : List.of(confined, inherited)) {
                        assertThatThrownBy(local::get)
                                .isInstanceOf(NoSuchElementException.class)
                                .hasMessage("no value in thread 'test'");
                        assertThat(local.orElse("other")).isEqualTo("other");
                        assertThat(local.isSet()).isFalse();
                        assertThatThrownBy(() -> local.set(null))
                                .isInstanceOf(NullPointerException.class)
                                .hasMessage("value=null");
                        local.remove();
                        local.set("value");
                        assertThat(local.get()).isEqualTo("value");
                        assertThat(local.orElse("other")).isEqualTo("value");
                        local.remove();
                        assertThat(local.isSet()).isFalse();
                    }
                }));
    }

    @Test
    void initialValueIsMadeOncePerFiberAndAgainAfterARemoval() throws Throwable {
        AtomicInteger made = new AtomicInteger();
        FiberLocal<Integer> first = FiberLocal.confined(made::incrementAndGet);
        FiberLocal<Integer> second = FiberLocal.inherited(made::incrementAndGet);
        FiberLocal<String> wrong = FiberLocal.confined(() -> null);
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    assertThat(first.orElse(-1)).isEqualTo(-1);
                    assertThat(first.get()).isEqualTo(1);
                    assertThat(first.get()).isEqualTo(1);
                    first.remove();
                    assertThat(first.get()).isEqualTo(2);
                    assertThat(second.get()).isEqualTo(3);
                    Fiber.start("child", () -> assertThat(second.get()).isEqualTo(3)).join();
                    Fiber.start("child", () -> assertThat(first.get()).isEqualTo(4)).join();
                    assertThatThrownBy(wrong::get)
                            .isInstanceOf(NullPointerException.class)
                            .hasMessage("initial value=null");
                }));
        assertThatThrownBy(() -> FiberLocal.confined(null))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> FiberLocal.inherited(null))
                .isInstanceOf(NullPointerException.class);
    }

    @Test
    void childInheritsWhatWasSetWhenItWasStarted() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    confined.set("confined");
                    inherited.set("before");
                    Fiber<Void> child =
                            Fiber.start(
                                    "child",
                                    () -> {
                                        assertThat(confined.isSet()).isFalse();
                                        assertThat(inherited.get()).isEqualTo("before");
                                        inherited.set("child's");
                                        Fiber.start("grandchild", () -> seen.add(inherited.get()))
                                                .join();
                                        inherited.remove();
                                        assertThat(inherited.isSet()).isFalse();
                                    });
                    inherited.set("after");
                    child.join();
                    assertThat(inherited.get()).isEqualTo("after");
                    assertThat(seen).containsExactly("child's");
                }));
    }

    @Test
    void manyVariablesDoNotMixUp() throws Throwable {
        List<FiberLocal<Integer>> locals = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            locals.add(i % 2 == 0 ? FiberLocal.confined() : FiberLocal.inherited());
        }
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    for (int i = locals.size() - 1; i >= 0; i--) {
                        locals.get(i).set(i);
                    }
                    Fiber<Void> child =
                            Fiber.start(
                                    "child",
                                    () -> {
                                        for (int i = 0; i < locals.size(); i++) {
                                            assertThat(locals.get(i).orElse(-1))
                                                    .isEqualTo(i % 2 == 0 ? -1 : i);
                                        }
                                    });
                    for (int i = 0; i < locals.size(); i++) {
                        assertThat(locals.get(i).get()).isEqualTo(i);
                    }
                    child.join();
                }));
    }

    @Test
    void onOtherThreadsItIsAThreadLocalOfTheirs() throws Throwable {
        confined.set("outside");
        inherited.set("outside");
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    inherited.set("fiber's");
                    Thread plain =
                            Thread.startVirtualThread(() -> {
                                seen.add(inherited.orElse("none"));
                                inherited.set("plain");
                                Fiber.start("child", () -> seen.add(inherited.get())).join();
                            });
                    plain.join();
                    assertThat(inherited.get()).isEqualTo("fiber's");
                }));
        assertThat(seen).containsExactly("none", "plain");
        assertThat(confined.get()).isEqualTo("outside");
        confined.remove();
        inherited.remove();
        assertThat(confined.isSet()).isFalse();
    }
}
