package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberContext;
import io.byssus.runtime.fiber.FiberLocal;
import io.byssus.runtime.fiber.Parallel;
import io.byssus.runtime.fiber.Scope;
import io.byssus.runtime.fiber.Timers;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

/**
 * Every way in which a fiber lets something run elsewhere takes its inherited locals, the MDC and
 * its scheduling group along; what is set there is not seen here, nor by who comes later.
 */
@Timeout(60)
class ContextEverywhereTest {
    private static final FiberLocal<String> REQUEST = FiberLocal.inherited();
    private static final FiberLocal<String> SCRATCH = FiberLocal.confined();
    private static final SchedulingGroup GROUP = new SchedulingGroup("mine", 500);

    private static Shards shards;

    /** A way; {@code there} answers what it finds, and changes it. */
    private enum Way {
        CHILD {
            @Override
            String go(Callable<String> there) {
                return Fiber.start("child", there).join();
            }
        },
        CHILD_OF_A_CHILD {
            @Override
            String go(Callable<String> there) {
                return Fiber.start("child", () -> Fiber.start("its child", there).join()).join();
            }
        },
        CHILD_OF_A_SCOPE {
            @Override
            String go(Callable<String> there) {
                try (Scope scope = Scope.open("scope")) {
                    Fiber<String> child = scope.start("child", there);
                    scope.join();
                    return child.join();
                }
            }
        },
        FOR_EACH {
            @Override
            String go(Callable<String> there) throws Exception {
                CompletableFuture<String> seen = new CompletableFuture<>();
                Parallel.forEach(List.of(1), 1, item -> seen.complete(there.call()));
                return seen.get();
            }
        },
        WHEN_ANY {
            @Override
            String go(Callable<String> there) {
                return Parallel.<String>whenAny(List.of(there));
            }
        },
        WHEN_ALL {
            @Override
            String go(Callable<String> there) {
                return Parallel.<String>whenAll(List.of(there, there)).getLast();
            }
        },
        CALL_WITH_A_DEADLINE_IN_A_CHILD {
            @Override
            String go(Callable<String> there) {
                return Fiber.start(
                                "child", () -> Deadline.within(Duration.ofMinutes(1), there::call))
                        .join();
            }
        },
        SUBMIT_TO {
            @Override
            String go(Callable<String> there) throws Exception {
                return shards.<String, Exception>submitTo(1, there::call);
            }
        },
        SUBMIT_TO_AND_BACK {
            @Override
            String go(Callable<String> there) throws Exception {
                return shards.<String, Exception>submitTo(
                        1, () -> shards.<String, Exception>submitTo(0, there::call));
            }
        },
        CALL_IN_A_GROUP {
            @Override
            String go(Callable<String> there) throws Exception {
                CallGroup group = shards.callGroup("calls", 1);
                return shards.<String, Exception>submitTo(1, group, there::call);
            }
        },
        MAP {
            @Override
            String go(Callable<String> there) throws Exception {
                return shards.<String, Exception>map(onTheOther(there)).getLast();
            }
        },
        MAP_REDUCE {
            @Override
            String go(Callable<String> there) throws Exception {
                return shards.<String, String, Exception>mapReduce(
                        onTheOther(there), "", (one, other) -> one + other);
            }
        },
        SPAWN {
            @Override
            String go(Callable<String> there) throws Exception {
                return shards.spawn(1, "spawned", there).get();
            }
        },
        ON_EACH {
            @Override
            String go(Callable<String> there) throws Exception {
                CompletableFuture<String> seen = new CompletableFuture<>();
                shards.onEach(() -> {
                    String answer = onTheOther(there).call();
                    if (!answer.isEmpty()) {
                        seen.complete(answer);
                    }
                });
                return seen.get();
            }
        },
        START_OF_A_SERVICE {
            @Override
            String go(Callable<String> there) throws Exception {
                try (Sharded<String> service = Sharded.startOn(shards, 1, "service", there::call)) {
                    return service.invokeOn(1, instance -> instance);
                }
            }
        },
        CALL_OF_A_SERVICE {
            @Override
            String go(Callable<String> there) throws Exception {
                try (Sharded<Object> service = service()) {
                    return service.<String, Exception>invokeOn(1, any -> there.call());
                }
            }
        },
        CALL_OF_ALL_INSTANCES {
            @Override
            String go(Callable<String> there) throws Exception {
                try (Sharded<Object> service = service()) {
                    return service.<String, Exception>map(any -> onTheOther(there).call())
                            .getLast();
                }
            }
        },
        TIMER {
            @Override
            String go(Callable<String> there) throws Exception {
                CompletableFuture<String> seen = new CompletableFuture<>();
                Timers.after("later", Duration.ofMillis(1), () -> seen.complete(there.call()));
                return seen.get();
            }
        },
        PERIODIC_TIMER {
            @Override
            String go(Callable<String> there) throws Exception {
                CompletableFuture<String> seen = new CompletableFuture<>();
                try (var timer =
                        Timers.every(
                                "again", Duration.ofMillis(1), () -> seen.complete(there.call()))) {
                    assertThat(timer.name()).isEqualTo("again");
                    return seen.get();
                }
            }
        },
        BLOCKING_CALL {
            @Override
            String go(Callable<String> there) throws Exception {
                return Blocking.call(there);
            }

            @Override
            String group() {
                return "main"; // a thread of the pool, which is in no group
            }
        },
        CALL_BY_A_THREAD_OF_A_POOL {
            @Override
            String go(Callable<String> there) throws Exception {
                return Blocking.call(() -> shards.<String, Exception>submitTo(1, there::call));
            }

            @Override
            String group() {
                return "main";
            }
        },
        WRAPPED {
            @Override
            String go(Callable<String> there) throws Exception {
                CompletableFuture<String> seen = new CompletableFuture<>();
                Callable<Boolean> wrapped =
                        FiberContext.capture().wrap(() -> seen.complete(there.call()));
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                assertThat(wrapped.call()).isTrue();
                            } catch (Exception e) {
                                seen.completeExceptionally(e);
                            }
                        });
                return seen.get();
            }

            @Override
            String group() {
                return "main";
            }
        };

        /** Lets {@code there} run in this way. */
        abstract String go(Callable<String> there) throws Exception;

        String group() {
            return GROUP.name();
        }

        private static ShardFunction<String, Exception> onTheOther(Callable<String> there) {
            return () -> Shard.current().id() == 0 ? "" : there.call();
        }

        private static Sharded<Object> service() throws Exception {
            return Sharded.start(shards, "service", Object::new);
        }
    }

    @BeforeAll
    static void start() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(new Slf4jThreadLocalAccessor());
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(2)
                                .overprovisioned(true)
                                .shutdownGrace(Duration.ZERO));
    }

    @AfterAll
    static void stop() {
        assertThat(shards.stop()).isTrue();
        ContextRegistry.getInstance().removeThreadLocalAccessor(Slf4jThreadLocalAccessor.KEY);
        GROUP.close();
    }

    @ParameterizedTest
    @EnumSource
    void whatRunsElsewhereHasTheContext(Way way) throws Exception {
        shards.submitTo(
                0,
                () ->
                        Fiber.start(
                                        GROUP,
                                        "caller",
                                        () -> {
                                            set("7");
                                            String there = way.go(this::look);
                                            assertThat(there).isEqualTo("7 7 none " + way.group());
                                            assertThat(look()).isEqualTo("7 7 7 mine");
                                        })
                                .join());
        // With nothing set, nothing is there: not even what the call before has left behind.
        String later = shards.submitTo(0, () -> goFrom(way));
        assertThat(later).isEqualTo("none null none main");
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBMIT_TO", "SUBMIT_TO_AND_BACK", "SPAWN", "ON_EACH", "MAP"})
    void whatAThreadOutsideStartsHasTheContext(Way way) throws Exception {
        set("8");
        try {
            assertThat(way.go(this::look)).isEqualTo("8 8 none main");
            assertThat(look()).isEqualTo("8 8 8 main");
        } finally {
            MDC.clear();
            REQUEST.remove();
            SCRATCH.remove();
        }
    }

    private String goFrom(Way way) throws Exception {
        return way.go(this::look);
    }

    private static void set(String value) {
        REQUEST.set(value);
        MDC.put("request", value);
        SCRATCH.set(value);
    }

    /** Answers what it finds, and changes it. */
    private String look() {
        String seen =
                REQUEST.orElse("none")
                        + " "
                        + MDC.get("request")
                        + " "
                        + SCRATCH.orElse("none")
                        + " "
                        + SchedulingGroup.current().name();
        set("changed");
        return seen;
    }
}
