package io.byssus.runtime.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.testing.SteppedReactor;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The meters of a shard's scheduling groups, which come and go while a registry is bound. */
class GroupMetersTest {
    private static final Tags TAGS = Tags.of("service", "echo", "shard", "0");
    private static final Duration STEP = Duration.ofMillis(1);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final SchedulingGroup group = new SchedulingGroup("batch", 100);
    private boolean stopped;

    private void bind(SteppedReactor stepped) {
        GroupMeters.bind(registry, stepped.reactor(), TAGS);
    }

    /** As every scrape does. */
    private int scrape() {
        return (int) registry.get("byssus.groups").tags(TAGS).gauge().value();
    }

    private double gauge(String name, String group) {
        return registry.get(name).tags(TAGS).tag("group", group).gauge().value();
    }

    private FunctionTimer timer(String name, String group) {
        return registry.get(name).tags(TAGS).tag("group", group).functionTimer();
    }

    private Stream<String> groups() {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .filter(id -> id.getName().equals("byssus.group.fibers"))
                .map(id -> id.getTag("group"));
    }

    /** A fiber that computes a millisecond between two looks at the quota. */
    private void burn(SteppedReactor stepped, SchedulingGroup in) {
        Fiber.startOn(
                stepped.reactor(),
                in,
                "burner",
                () -> {
                    while (!stopped) {
                        stepped.clock().advance(STEP);
                        Fiber.yield();
                    }
                    return null;
                });
    }

    private static void turns(SteppedReactor stepped, int count) {
        for (int i = 0; i < count; i++) {
            stepped.turn();
        }
    }

    @Test
    void mainGroupHasItsMetersFromTheStart() throws Throwable {
        SteppedReactor.run(stepped -> {
            bind(stepped);
            assertThat(registry.getMeters().stream().map(Meter::getId).map(Meter.Id::getName))
                    .containsExactlyInAnyOrder(
                            "byssus.groups",
                            "byssus.group.fibers",
                            "byssus.group.run.queue",
                            "byssus.group.runtime",
                            "byssus.group.wait");
            stepped.start("parked", () -> Fiber.sleep(Duration.ofDays(1)));
            assertThat(gauge("byssus.group.run.queue", "main")).isEqualTo(1);
            stepped.settle();
            assertThat(gauge("byssus.group.fibers", "main")).isEqualTo(1);
            assertThat(gauge("byssus.group.run.queue", "main")).isZero();
            assertThat(timer("byssus.group.runtime", "main").count()).isEqualTo(1);
            assertThat(timer("byssus.group.runtime", "main").totalTime(TimeUnit.SECONDS))
                    .as("not measured with one group")
                    .isZero();
            assertThat(scrape()).isEqualTo(1);
        });
    }

    @Test
    void groupThatCameHasItsMetersWithTheNextReading() throws Throwable {
        SteppedReactor.run(stepped -> {
            bind(stepped);
            burn(stepped, group);
            burn(stepped, SchedulingGroup.main());
            assertThat(groups()).containsExactly("main");
            assertThat(scrape()).isEqualTo(2);
            assertThat(groups()).containsExactlyInAnyOrder("main", "batch");
            assertThat(gauge("byssus.group.fibers", "batch")).isEqualTo(1);
            turns(stepped, 110);
            double seconds = 0;
            for (String name : new String[] {"main", "batch"}) {
                FunctionTimer runtime = timer("byssus.group.runtime", name);
                FunctionTimer wait = timer("byssus.group.wait", name);
                assertThat(wait.count()).isEqualTo(runtime.count()).isPositive();
                seconds += runtime.totalTime(TimeUnit.SECONDS);
                assertThat(wait.totalTime(TimeUnit.SECONDS) + runtime.totalTime(TimeUnit.SECONDS))
                        .as("%s ran or waited all the time, up to its last slice", name)
                        .isCloseTo(stepped.clock().nanoTime() / 1e9, offset(0.012));
            }
            assertThat(seconds).isEqualTo(stepped.clock().nanoTime() / 1e9);
            assertThat(timer("byssus.group.runtime", "batch").totalTime(TimeUnit.SECONDS))
                    .as("a tenth as much as main")
                    .isBetween(0.008, 0.012);
            stopped = true;
            stepped.settle();
        });
    }

    @Test
    void groupThatHasGoneLeavesNoMeters() throws Throwable {
        SteppedReactor.run(stepped -> {
            bind(stepped);
            for (int i = 0; i < 100; i++) {
                SchedulingGroup tenant = new SchedulingGroup("tenant " + i, 100);
                Fiber.startOn(stepped.reactor(), tenant, "f", () -> null);
                assertThat(scrape()).isEqualTo(2);
                assertThat(groups()).containsExactlyInAnyOrder("main", tenant.name());
                stepped.settle();
                tenant.close();
                stepped.settle();
                assertThat(scrape()).isEqualTo(1);
                assertThat(groups()).containsExactly("main");
            }
            assertThat(registry.getMeters()).hasSize(5);
        });
    }

    @Test
    void groupsOfTheSameNameAreAddedUpAndNothingIsLostWithOneOfThem() throws Throwable {
        SteppedReactor.run(stepped -> {
            bind(stepped);
            SchedulingGroup twin = new SchedulingGroup("tenants", 10).nested("batch", 700);
            burn(stepped, group);
            burn(stepped, twin);
            Fiber.startOn(
                    stepped.reactor(),
                    twin,
                    "parked",
                    () -> {
                        while (!stopped) {
                            Fiber.sleep(Duration.ofSeconds(1));
                        }
                        return null;
                    });
            assertThat(scrape()).isEqualTo(4);
            assertThat(groups()).containsExactlyInAnyOrder("main", "tenants", "batch");
            assertThat(gauge("byssus.group.fibers", "batch")).isEqualTo(3);
            turns(stepped, 500);
            stopped = true;
            stepped.advance(Duration.ofSeconds(1));
            double count = timer("byssus.group.runtime", "batch").count();
            double seconds = timer("byssus.group.runtime", "batch").totalTime(TimeUnit.SECONDS);
            assertThat(count).isGreaterThanOrEqualTo(500);
            assertThat(seconds).isBetween(0.5, 0.51);

            twin.close();
            stepped.settle();
            for (int i = 0; i < 2; i++) {
                assertThat(timer("byssus.group.runtime", "batch").count())
                        .isGreaterThanOrEqualTo(count);
                assertThat(timer("byssus.group.runtime", "batch").totalTime(TimeUnit.SECONDS))
                        .isEqualTo(seconds);
                assertThat(scrape()).isEqualTo(3);
            }
            SchedulingGroup successor = new SchedulingGroup("batch", 1);
            group.close();
            stopped = false;
            burn(stepped, successor);
            assertThat(scrape()).isEqualTo(4);
            turns(stepped, 10);
            stopped = true;
            stepped.settle();
            assertThat(timer("byssus.group.runtime", "batch").totalTime(TimeUnit.SECONDS))
                    .isGreaterThan(seconds);
            successor.close();
            stepped.settle();
            assertThat(scrape()).isEqualTo(2);
            assertThat(groups()).containsExactlyInAnyOrder("main", "tenants");
        });
    }

    @Test
    void groupThatComesBackBeginsAnew() throws Throwable {
        SteppedReactor.run(stepped -> {
            bind(stepped);
            Fiber.startOn(stepped.reactor(), group, "f", () -> null);
            scrape();
            group.close();
            stepped.settle();
            scrape();
            SchedulingGroup successor = new SchedulingGroup("batch", 1);
            Fiber.startOn(stepped.reactor(), successor, "f", () -> null);
            scrape();
            assertThat(timer("byssus.group.runtime", "batch").count()).isZero();
            stepped.settle();
            assertThat(timer("byssus.group.runtime", "batch").count()).isEqualTo(1);
        });
    }

    @Test
    void twoRegistriesMayBeBound() throws Throwable {
        SteppedReactor.run(stepped -> {
            bind(stepped);
            SimpleMeterRegistry second = new SimpleMeterRegistry();
            GroupMeters.bind(second, stepped.reactor(), TAGS);
            stepped.reactor().queueOf(group);
            assertThat(second.get("byssus.groups").gauge().value()).isEqualTo(2);
            assertThat(second.find("byssus.group.fibers").tag("group", "batch").gauge())
                    .isNotNull();
            assertThat(groups()).containsExactly("main");
            scrape();
            assertThat(groups()).containsExactlyInAnyOrder("main", "batch");
        });
    }
}
