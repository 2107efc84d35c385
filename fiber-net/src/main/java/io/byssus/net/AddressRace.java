package io.byssus.net;

import io.byssus.net.spi.NameService;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.Scope;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Connects to whichever address of a name answers first: Happy Eyeballs (RFC 8305). The addresses
 * are tried in their order, but with the families in turns; the next one as soon as an attempt has
 * failed, or has taken a quarter of a second. The first that connects wins, and the others are
 * given up.
 *
 * <p><b>Ownership:</b> of the fiber that runs it; its attempts are fibers of the same shard.
 */
final class AddressRace extends WaitPoint implements Awaited {
    /** Opens a connection, parking. */
    interface Dialer {
        StackSocket dial(InetSocketAddress address, long deadlineNanos) throws IOException;
    }

    /** Section 3: how long IPv4 addresses wait for the IPv6 ones. */
    static final long RESOLUTION_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Section 5: from the start of an attempt to that of the next. */
    static final long ATTEMPT_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Whether attempts may overlap. */
    enum Pace {
        STAGGERED,
        /** They want the same local port. */
        ONE_BY_ONE
    }

    private final Reactor reactor = Reactor.current();
    private final NameService names;
    private final Dialer dialer;
    private final String host;
    private final int port;
    private final Pace pace;
    private final long deadlineNanos;
    private final AddressQueue addresses;

    private final List<InetSocketAddress> tried = new ArrayList<>();
    private final List<IOException> failures = new ArrayList<>();
    private int inFlight;

    private boolean lookingUp = true;

    /** Null unless the look-up has failed. */
    private IOException lookUpFailure;

    /** Null while IPv6 addresses are not waited for. */
    private Long resolutionEndNanos;

    /** When the next attempt may start beside those in flight. */
    private long nextStartNanos;

    /** Null while nobody has won. */
    private StackSocket winner;

    /** Of the caller's wishes, or a bug; null without one. */
    private RuntimeException refusal;

    private boolean over;

    AddressRace(
            NameService names,
            Dialer dialer,
            String host,
            int port,
            AddressQueue addresses,
            Pace pace,
            long deadlineNanos) {
        this.names = names;
        this.dialer = dialer;
        this.host = host;
        this.port = port;
        this.addresses = addresses;
        this.pace = pace;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * Runs it, parking the calling fiber.
     *
     * @param known the addresses, if they are known already
     * @return owned by the caller
     */
    StackSocket run(List<InetAddress> known) throws IOException {
        try (Scope scope = Scope.open("connect to " + target(), Scope.Policy.WAIT_FOR_ALL)) {
            if (known.isEmpty()) {
                scope.start("resolve " + host, this::lookUp);
            } else {
                addresses.offer(known);
                lookingUp = false;
            }
            while (winner == null) {
                step(scope);
            }
            over = true;
        } finally {
            if (!over && winner != null) {
                winner.close();
            }
            over = true;
        }
        return winner;
    }

    /** Starts the next attempt, or waits until there is a reason to. */
    private void step(Scope scope) throws IOException {
        if (refusal != null) {
            throw refusal;
        }
        long now = reactor.clock().nanoTime();
        if (now >= deadlineNanos) {
            throw timeout();
        }
        boolean ready = !addresses.isEmpty() && !isWaitingForIpv6(now);
        if (ready && (inFlight == 0 || (pace == Pace.STAGGERED && now >= nextStartNanos))) {
            start(scope, new InetSocketAddress(addresses.next(), port), now);
            return;
        }
        if (!lookingUp && addresses.isEmpty() && inFlight == 0) {
            throw failure();
        }
        await(reactor, 0, Math.min(deadlineNanos, nextTurn(now)), Cancellation.HEEDED, this);
    }

    private boolean isWaitingForIpv6(long now) {
        return lookingUp && resolutionEndNanos != null && now < resolutionEndNanos;
    }

    /** When {@link #step} has to look again although nothing has happened. */
    private long nextTurn(long now) {
        if (addresses.isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (isWaitingForIpv6(now)) {
            return resolutionEndNanos;
        }
        return pace == Pace.STAGGERED ? nextStartNanos : Long.MAX_VALUE;
    }

    private void start(Scope scope, InetSocketAddress address, long now) {
        tried.add(address);
        inFlight++;
        nextStartNanos = now + ATTEMPT_DELAY_NANOS;
        scope.start("connect to " + Addresses.format(address), () -> attempt(address));
    }

    /** An attempt's fiber. */
    private void attempt(InetSocketAddress address) {
        StackSocket socket = null;
        try {
            socket = dialer.dial(address, deadlineNanos);
        } catch (IOException e) {
            failures.add(e);
            nextStartNanos = 0;
        } catch (FiberCancelledException e) {
            throw e; // it has lost
        } catch (RuntimeException e) {
            refusal = e;
        } finally {
            inFlight--;
            signal();
        }
        if (socket == null) {
            return;
        }
        if (winner == null && !over) {
            winner = socket;
        } else {
            socket.close();
        }
    }

    /** The look-up's fiber. */
    private void lookUp() {
        try {
            addresses.offer(names.resolve(host, deadlineNanos, this::offerEarly));
        } catch (IOException e) {
            lookUpFailure = e;
        } catch (FiberCancelledException e) {
            throw e;
        } catch (RuntimeException e) {
            refusal = e;
        } finally {
            lookingUp = false;
            signal();
        }
    }

    private void offerEarly(List<InetAddress> some) {
        addresses.offer(some);
        if (!(some.getFirst() instanceof Inet6Address)) {
            resolutionEndNanos = reactor.clock().nanoTime() + RESOLUTION_DELAY_NANOS;
        }
        signal();
    }

    private IOException failure() {
        if (tried.isEmpty()) {
            return lookUpFailure != null
                    ? lookUpFailure
                    : new ConnectException(
                            "connect: "
                                    + target()
                                    + ": none of its addresses is of the local address's family");
        }
        if (failures.size() == 1) {
            return failures.getFirst();
        }
        boolean allLate = failures.stream().allMatch(SocketTimeoutException.class::isInstance);
        return withCauses(
                allLate ? new SocketTimeoutException(story()) : new ConnectException(story()));
    }

    private IOException timeout() {
        return withCauses(new SocketTimeoutException(story()));
    }

    private <X extends IOException> X withCauses(X exception) {
        failures.forEach(exception::addSuppressed);
        return exception;
    }

    /** What was tried, and what came of it. */
    private String story() {
        StringBuilder story = new StringBuilder("connect: ").append(target()).append(": ");
        if (tried.isEmpty()) {
            return story.append("its name was not resolved in time").toString();
        }
        for (IOException failure : failures) {
            story.append(failure.getMessage()).append("; ");
        }
        int silent = tried.size() - failures.size();
        story.append("tried ");
        for (int i = 0; i < tried.size(); i++) {
            story.append(i == 0 ? "" : ", ").append(Addresses.format(tried.get(i)));
        }
        return story.append(silent == 0 ? "" : "; " + silent + " did not answer in time")
                .toString();
    }

    private String target() {
        return host + ":" + port;
    }

    /** Peers, name servers and clocks; nobody in this process. */
    @Override
    public List<Thread> holders() {
        return List.of();
    }

    @Override
    public String toString() {
        return "connect (" + target() + ", " + inFlight + " of " + tried.size() + " attempts open)";
    }
}
