package io.byssus.net.dns;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.WaitPoint;
import java.util.ArrayList;
import java.util.List;

/**
 * A question that is being asked, and all who wait for its answer: however many they are, it is
 * asked once. When nobody waits any more, it is given up.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Flight {
    private final Question question;
    private final List<WaitPoint> waiters = new ArrayList<>(1);

    /** Null for an answer that was there already. */
    private Fiber<Void> fiber;

    /** Null while it is waited for. */
    private Finding finding;

    Flight(Question question) {
        this.question = question;
    }

    /** One that has ended before it began. */
    static Flight ended(Question question, Finding finding) {
        Flight flight = new Flight(question);
        flight.finding = finding;
        return flight;
    }

    Question question() {
        return question;
    }

    void fiber(Fiber<Void> fiber) {
        this.fiber = fiber;
    }

    void join(WaitPoint waiter) {
        waiters.add(waiter);
    }

    /** Whether nobody is left who waits for it. */
    boolean leave(WaitPoint waiter) {
        waiters.remove(waiter);
        return finding == null && waiters.isEmpty();
    }

    /** Nobody wants to know any more. */
    void abandon() {
        assert waiters.isEmpty();
        fiber.cancel();
    }

    void end(Finding finding) {
        this.finding = finding;
        waiters.forEach(WaitPoint::signal);
    }

    boolean hasEnded() {
        return finding != null;
    }

    /** Only when it has ended. */
    Finding finding() {
        assert finding != null;
        return finding;
    }

    /** Who asks. */
    List<Thread> holders() {
        return finding == null && fiber != null ? List.of(fiber.thread()) : List.of();
    }
}
