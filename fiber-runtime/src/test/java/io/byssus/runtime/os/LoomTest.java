package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LoomTest {
    @Test
    void virtualThreadsAndTheirChildrenRunOnTheGivenScheduler() {
        Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        AtomicReference<Thread> carrier = new AtomicReference<>();
        Thread parent =
                Loom.newBuilder(tasks::add)
                        .name("parent")
                        .unstarted(() ->
                                Thread.startVirtualThread(
                                        () -> carrier.set(Loom.currentCarrier())));
        parent.start();
        while (!tasks.isEmpty()) {
            tasks.remove().run(); // on this thread, which is thereby the carrier
        }

        assertThat(parent.isAlive()).isFalse();
        assertThat(parent.getName()).isEqualTo("parent");
        assertThat(carrier).hasValue(Thread.currentThread());
    }

    @Test
    void platformThreadIsItsOwnCarrier() {
        assertThat(Loom.isAvailable()).isTrue();
        assertThat(Loom.currentCarrier()).isSameAs(Thread.currentThread());
    }

    @Test
    void submittedContinuationNamesItsThread() {
        Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        Thread thread = Loom.newBuilder(tasks::add).name("named").unstarted(() -> {});
        thread.start();
        Runnable task = tasks.remove();

        assertThat(Loom.threadOf(task)).isSameAs(thread);
        assertThat(Loom.threadOf(() -> {})).isNull();
        assertThat(Loom.threadOf(new Thread())).isNull();
        assertThat(Loom.threadOf(thread::isAlive)).as("another lambda with a thread").isNull();
        assertThat(Loom.threadOf(task)).as("after others").isSameAs(thread);
        task.run();
        assertThat(thread.isAlive()).isFalse();
    }
}
