package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.SteppedReactor;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** With the library that carries thread-locals; without it is {@link FiberLocalTest}'s business. */
class FiberContextTest {
    private static final FiberLocal<String> REQUEST = FiberLocal.inherited();
    private static final String KEY = "test.tenant";

    private final ThreadLocal<String> tenant = new ThreadLocal<>();

    @BeforeEach
    void register() {
        ContextRegistry.getInstance()
                .registerThreadLocalAccessor(KEY, tenant)
                .registerThreadLocalAccessor(new Slf4jThreadLocalAccessor());
    }

    @AfterEach
    void unregister() {
        ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
        ContextRegistry.getInstance().removeThreadLocalAccessor(Slf4jThreadLocalAccessor.KEY);
        MDC.clear();
    }

    @Test
    void childFiberHasTheThreadLocalsAndTheMdcOfItsParent() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    set("7");
                    Fiber<String> child = Fiber.start("child", this::context);
                    set("8");
                    assertThat(child.join()).isEqualTo("7 7 7");
                    assertThat(context()).isEqualTo("8 8 8");
                }));
    }

    @Test
    void fiberThatTheCarrierStartsBeginsWithNothing() throws Throwable {
        SteppedReactor.run(stepped -> {
            REQUEST.set("carrier's");
            tenant.set("carrier's");
            Fiber<String> fiber = stepped.start("first", this::context);
            stepped.settle();
            assertThat(fiber.join()).isEqualTo("none null null");
        });
    }

    @Test
    void contextRunsElsewhereAndLeavesNothingBehind() throws Throwable {
        SteppedReactor.run(stepped -> {
            AtomicReference<FiberContext> captured = new AtomicReference<>();
            stepped.onFiber(() -> {
                set("7");
                captured.set(FiberContext.capture());
            });
            captured.get().run(() -> assertThat(context()).isEqualTo("7 7 7"));
            assertThat(captured.get().wrap(this::context).call()).isEqualTo("7 7 7");
            assertThat(context()).as("on the carrier").isEqualTo("none null null");
        });
    }

    @Test
    void callersOwnValuesComeBackAlsoAfterAFailure() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    set("7");
                    FiberContext context = FiberContext.capture();
                    set("8");
                    assertThatThrownBy(() ->
                                    context.run(() -> {
                                        assertThat(context()).isEqualTo("7 7 7");
                                        set("9");
                                        throw new IOException("failed");
                                    }))
                            .isInstanceOf(IOException.class)
                            .hasMessage("failed");
                    assertThat(context()).isEqualTo("8 8 8");
                }));
    }

    @Test
    void contextOfNothingCostsAFiberNothingAndHidesWhatIsThere() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    Callable<String> body = this::context;
                    FiberContext nothing = FiberContext.capture();
                    assertThat(nothing.wrapForFiber(body)).isSameAs(body);
                    REQUEST.set("7");
                    assertThat(nothing.call(() -> REQUEST.orElse("none"))).isEqualTo("none");
                    assertThat(nothing.wrap(() -> REQUEST.orElse("none")).call()).isEqualTo("none");
                    assertThat(REQUEST.get()).isEqualTo("7");
                }));
    }

    private void set(String value) {
        REQUEST.set(value);
        tenant.set(value);
        MDC.put("request", value);
    }

    private String context() {
        return REQUEST.orElse("none") + " " + tenant.get() + " " + MDC.get("request");
    }
}
