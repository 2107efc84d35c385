package io.byssus.net.dns;

import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.xbill.DNS.Type;

/**
 * One fiber's look-up of a name, through the names that it may stand for.
 *
 * <p><b>Ownership:</b> of the fiber that runs it.
 */
final class LookUp extends WaitPoint implements Awaited {
    private final Resolver resolver;
    private final String host;
    private final long deadlineNanos;

    /** What is waited for. Others may read it late. */
    private List<Flight> flights = List.of();

    /** Why there is nothing. */
    private final Set<String> stories = new LinkedHashSet<>();

    LookUp(Resolver resolver, String host, long deadlineNanos) {
        this.resolver = resolver;
        this.host = host;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * The addresses of the first of {@code names} that has any.
     *
     * @param types of address
     * @param early as {@link io.byssus.net.spi.NameService#resolve} has it
     */
    List<InetAddress> addresses(
            List<String> names, List<Integer> types, Consumer<List<InetAddress>> early)
            throws IOException {
        for (String name : names) {
            List<Candidate> found = new ArrayList<>();
            for (Finding finding : ask(name, types, early)) {
                found.addAll(finding.candidates());
            }
            if (!found.isEmpty()) {
                return AddressOrder.sort(found);
            }
        }
        throw unknown();
    }

    /** The services of the first of {@code names} that has any. */
    List<ServiceRecord> services(List<String> names) throws IOException {
        for (String name : names) {
            Finding finding = ask(name, List.of(Type.SRV), early -> {}).getFirst();
            if (finding.isFound()) {
                return finding.services();
            }
        }
        throw unknown();
    }

    private List<Finding> ask(String name, List<Integer> types, Consumer<List<InetAddress>> early)
            throws IOException {
        List<Flight> asked = new ArrayList<>(types.size());
        try {
            for (int type : types) {
                asked.add(resolver.join(name, type, this));
            }
            flights = asked;
            await(early);
        } finally {
            flights = List.of();
            for (Flight flight : asked) {
                resolver.leave(flight, this);
            }
        }
        List<Finding> findings = asked.stream().map(Flight::finding).toList();
        if (findings.stream().noneMatch(Finding::isFound)) {
            findings.forEach(finding -> stories.add(name + ": " + finding.story()));
            if (findings.stream().anyMatch(finding -> finding.kind() == Finding.Kind.SILENT)) {
                throw unknown(); // the other names would be asked in vain, or answered wrongly
            }
        }
        return findings;
    }

    private void await(Consumer<List<InetAddress>> early) throws SocketTimeoutException {
        boolean told = false;
        while (!flights.stream().allMatch(Flight::hasEnded)) {
            if (!told) {
                told = tell(early);
            }
            Outcome end = await(Reactor.current(), 0, deadlineNanos, Cancellation.HEEDED, this);
            if (end == Outcome.TIMED_OUT) {
                throw new SocketTimeoutException("resolve " + host + ": no answer in time");
            }
        }
    }

    /** Passes on what one family has while the other's is waited for. */
    private boolean tell(Consumer<List<InetAddress>> early) {
        for (Flight flight : flights) {
            if (flight.hasEnded() && !flight.finding().candidates().isEmpty()) {
                early.accept(AddressOrder.sort(flight.finding().candidates()));
                return true;
            }
        }
        return false;
    }

    private UnknownHostException unknown() {
        return new UnknownHostException(host + ": not resolved: " + String.join("; ", stories));
    }

    /** The fibers that ask. */
    @Override
    public List<Thread> holders() {
        return flights.stream().flatMap(flight -> flight.holders().stream()).toList();
    }

    @Override
    public String toString() {
        return "resolve (" + host + ")";
    }
}
