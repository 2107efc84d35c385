package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.fiber.OneShotTimer;
import io.byssus.runtime.fiber.PeriodicTimer;
import io.byssus.runtime.fiber.Timers;
import io.byssus.runtime.reactor.GroupQueue;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.testing.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a fiber sets going elsewhere, or for later, runs in its scheduling group. */
class GroupsAcrossShardsTest {
    private static final int SHARDS = 2;

    private final SchedulingGroup group = new SchedulingGroup("batch", 100);
    private final ConcurrentLinkedQueue<SchedulingGroup> seen = new ConcurrentLinkedQueue<>();
    private Shards shards;

    @BeforeEach
    void start() {
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(SHARDS)
                                .overprovisioned(true)
                                .shutdownGrace(Duration.ZERO));
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
    }

    private SchedulingGroup look() {
        SchedulingGroup current = SchedulingGroup.current();
        assertThat(Reactor.current().runningGroup()).isSameAs(current);
        seen.add(current);
        return current;
    }

    /** Runs {@code body} on a fiber of the group on shard 0. */
    private void inGroup(FiberTask body) throws Exception {
        try {
            shards.spawn(
                            0,
                            "outside of the group",
                            () -> {
                                Fiber.start(group, "inside", body).join();
                                return null;
                            })
                    .get();
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private void assertSeen(int count) {
        assertThat(seen).hasSize(count).containsOnly(group);
    }

    @Test
    void submitToRunsItThereInTheCallersGroupAlsoWhenItParks() throws Exception {
        inGroup(() -> {
            for (int shard = 0; shard < SHARDS; shard++) {
                shards.submitTo(
                        shard,
                        () -> {
                            look();
                            Fiber.sleep(Duration.ofMillis(1));
                            look();
                            return shards.submitTo(0, this::look);
                        });
            }
        });
        assertSeen(3 * SHARDS);
    }

    @Test
    void onEachAndMapRunInTheCallersGroup() throws Exception {
        inGroup(() -> {
            shards.onEach(this::look);
            assertThat(shards.map(this::look)).containsOnly(group);
        });
        assertSeen(2 * SHARDS);
    }

    @Test
    void spawnRunsInTheCallersGroup() throws Exception {
        inGroup(() -> {
            for (int shard = 0; shard < SHARDS; shard++) {
                assertThat(shards.spawn(shard, "spawned", this::look).get()).isSameAs(group);
            }
        });
        assertSeen(SHARDS);
    }

    @Test
    void callGroupsAndServicesRunInTheCallersSchedulingGroup() throws Exception {
        CallGroup calls = shards.callGroup("calls", 1);
        inGroup(() -> {
            shards.submitTo(1, calls, this::look);
            try (Sharded<Object> service = Sharded.start(shards, "service", Object::new)) {
                service.invokeOn(1, instance -> look());
                service.invokeOn(1, calls, instance -> look());
                service.invokeOnAll(instance -> look());
                assertThat(service.map(instance -> look())).containsOnly(group);
            }
        });
        assertSeen(3 + 2 * SHARDS);
    }

    @Test
    void timersRunInTheGroupOfWhoMadeThem() throws Exception {
        inGroup(() -> {
            OneShotTimer after = Timers.after("after", Duration.ofMillis(1), this::look);
            try (PeriodicTimer every = Timers.every("every", Duration.ofMillis(1), this::look)) {
                while (every.runs() < 2 || after.cancel()) {
                    Fiber.sleep(Duration.ofMillis(2));
                }
            }
        });
        assertThat(seen).hasSizeGreaterThanOrEqualTo(2).containsOnly(group);
    }

    @Test
    void whoComesFromOutsideIsInTheMainGroup() throws Exception {
        assertThat(shards.submitTo(1, this::look)).isSameAs(SchedulingGroup.main());
        shards.onEach(this::look);
        assertThat(seen).hasSize(1 + SHARDS).containsOnly(SchedulingGroup.main());
    }

    @Test
    void closedGroupIsForgottenOnEveryShardItHasCalled() throws Exception {
        inGroup(() ->
                IntStream.range(0, 100)
                        .mapToObj(i -> shards.spawn(i % SHARDS, "part", this::look))
                        .toList()
                        .forEach(part -> assertThat(part.join()).isSameAs(group)));
        group.close();
        for (Shard shard : shards.all()) {
            Eventually.until(
                    "the group is forgotten",
                    () -> known(shard).equals(List.of(SchedulingGroup.main())));
        }
    }

    private static List<SchedulingGroup> known(Shard shard) {
        return shard.reactor().groups().stream().map(GroupQueue::group).toList();
    }
}
