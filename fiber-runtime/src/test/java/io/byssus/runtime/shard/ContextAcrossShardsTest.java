package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.FiberLocal;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** The context goes along with calls to other shards. */
class ContextAcrossShardsTest {
    private static final FiberLocal<String> REQUEST = FiberLocal.inherited();
    private static final FiberLocal<String> SCRATCH = FiberLocal.confined();

    private Shards shards;

    @BeforeEach
    void start() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(new Slf4jThreadLocalAccessor());
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(2)
                                .overprovisioned(true)
                                .shutdownGrace(Duration.ZERO));
    }

    @AfterEach
    void stop() {
        shards.stop();
        ContextRegistry.getInstance().removeThreadLocalAccessor(Slf4jThreadLocalAccessor.KEY);
        MDC.clear();
        REQUEST.remove();
    }

    @Test
    void callToAnotherShardHasItAndChangesNothingHere() throws Exception {
        String seen =
                shards.spawn(
                                0,
                                "caller",
                                () -> {
                                    set("7");
                                    String there = shards.submitTo(1, this::look);
                                    String here = context();
                                    return there + ", here " + here;
                                })
                        .get();
        assertThat(seen).isEqualTo("7 7 none, here 7 7 7");
    }

    @Test
    void callsThatFollowEachOtherShareNothing() throws Exception {
        String seen =
                shards.spawn(
                                0,
                                "caller",
                                () -> {
                                    for (int i = 0; i < 10; i++) {
                                        shards.submitTo(
                                                1,
                                                () -> {
                                                    set("left behind");
                                                    return null;
                                                });
                                    }
                                    return shards.submitTo(1, this::context);
                                })
                        .get();
        assertThat(seen).isEqualTo("none null none");
    }

    @Test
    void callFromOutsideHasTheCallersToo() {
        set("8");
        assertThat(shards.submitTo(1, this::context)).isEqualTo("8 8 none");
        assertThat(context()).isEqualTo("8 8 8");
        SCRATCH.remove();
    }

    @Test
    void spawnedFibersAndThoseOnEachShardHaveItToo() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        Object done =
                shards.spawn(
                                0,
                                "caller",
                                () -> {
                                    set("9");
                                    seen.add(shards.spawn(1, "spawned", this::context).get());
                                    shards.onEach(() -> seen.add(context()));
                                    return null;
                                })
                        .get();
        assertThat(done).isNull();
        assertThat(seen).containsOnly("9 9 none").hasSize(3);
    }

    @Test
    void blockingCallHasItToo() throws Exception {
        String seen =
                shards.spawn(
                                0,
                                "caller",
                                () -> {
                                    set("10");
                                    String inside = Blocking.call(this::look);
                                    MDC.clear();
                                    REQUEST.remove();
                                    return inside + ", then " + Blocking.call(this::context);
                                })
                        .get();
        assertThat(seen).isEqualTo("10 10 none, then none null none");
    }

    private static void set(String value) {
        REQUEST.set(value);
        MDC.put("request", value);
        SCRATCH.set(value);
    }

    /** Answers what it finds, and changes it. */
    private String look() {
        String seen = context();
        REQUEST.set("changed");
        MDC.put("request", "changed");
        return seen;
    }

    private String context() {
        return REQUEST.orElse("none") + " " + MDC.get("request") + " " + SCRATCH.orElse("none");
    }
}
