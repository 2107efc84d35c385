package io.byssus.net.dns;

import io.byssus.net.spi.NameService;
import io.byssus.net.spi.NetworkStack;
import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.sync.Semaphore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * Turns names into addresses without stopping the shard: the hosts file first, then the name
 * servers (DNS, RFC 1035), over sockets of the shard's own network stack. It remembers answers as
 * long as they hold, asks once for any number of fibers that want to know the same, and reads its
 * files again when they have changed. It holds no socket and no fiber while nobody asks.
 *
 * <p>Every shard has one ({@link Names}); a program makes others to ask other servers.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class Resolver implements NameService {
    /** How old what the files say may be. */
    private static final long FILES_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Queries at once, each with a socket; more of them wait. */
    private static final int QUERIES_MAX = 256;

    private static final List<InetAddress> LOOPBACK =
            List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));

    private final Reactor reactor;
    private final ResolverOptions options;
    private final NetworkStack stack;
    private final RandomGenerator random;
    private final SystemFiles files;
    private final AnswerCache cache;
    private final Map<Question, Flight> flights = new HashMap<>();

    /** Null before the files were read for the first time. */
    private HostsFile hosts;

    private ResolverSettings settings;
    private Semaphore queries;
    private final Exchange exchange;
    private long filesUntilNanos;
    private int nextServer;
    private long cacheHits;
    private long joined;

    Resolver(Reactor reactor, ResolverOptions options, NetworkStack stack, RandomGenerator random) {
        this.reactor = reactor;
        this.options = options;
        this.stack = stack;
        this.random = random;
        this.files = new SystemFiles(options.resolvConf(), options.hostsFile());
        this.cache = new AnswerCache(options);
        this.exchange = new Exchange(random);
    }

    /**
     * One for the calling fiber's shard, with these options.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static Resolver of(ResolverOptions options) {
        Surroundings here = Surroundings.SHARD.get();
        return new Resolver(Reactor.current(), options, here.stack(), here.random());
    }

    /** As {@link #resolve(String, Deadline)}, as long as the options let servers take. */
    public List<InetAddress> resolve(String host) throws IOException {
        return resolve(host, Deadline.NONE);
    }

    /**
     * The addresses of {@code host}, in the order in which they should be tried (RFC 6724); parks
     * unless they are known. They carry the name that was asked for.
     *
     * @param host a name, in Unicode or ASCII, or an address (IPv6 with or without brackets, with
     *     or without a scope); with a dot at the end it is not searched for in the domains
     * @return at least one
     * @throws UnknownHostException if there is none, or no server would say; it tells which server
     *     said what
     * @throws java.net.SocketTimeoutException at the deadline
     * @throws IOException if the files cannot be read
     */
    public List<InetAddress> resolve(String host, Deadline deadline) throws IOException {
        Fiber.yieldIfNeeded(); // it may be known
        List<InetAddress> known = known(host);
        return known.isEmpty() ? resolve(host, deadline.nanos(), early -> {}) : known;
    }

    /** As {@link #services(String, Deadline)}, as long as the options let servers take. */
    public List<ServiceRecord> services(String name) throws IOException {
        return services(name, Deadline.NONE);
    }

    /**
     * Where the service {@code name} is to be found (SRV, RFC 2782), in the order in which clients
     * try them; among those of one priority it is drawn by lot at each call. Parks unless the
     * answer is known.
     *
     * @param name such as {@code _http._tcp.example.com}
     * @return at least one
     * @throws UnknownHostException if there is none, no server would say, or the domain says that
     *     it does not have the service
     * @throws java.net.SocketTimeoutException at the deadline
     */
    public List<ServiceRecord> services(String name, Deadline deadline) throws IOException {
        Fiber.yieldIfNeeded();
        String ascii = Hostnames.ascii(name);
        refresh();
        LookUp lookUp = new LookUp(this, name, deadline.nanos());
        List<ServiceRecord> services = lookUp.services(candidates(ascii));
        if (services.size() == 1 && services.getFirst().host().equals(".")) {
            throw new UnknownHostException(
                    name + ": its domain says that there is no such service");
        }
        return ServiceOrder.draw(services, random);
    }

    /** What it has done so far. */
    public ResolverCounters counters() {
        return new ResolverCounters(
                exchange.queries,
                exchange.overTcp,
                cacheHits,
                joined,
                exchange.strangers,
                cache.size());
    }

    /** Forgets all answers. */
    public void clear() {
        cache.clear();
    }

    @Override
    public List<InetAddress> known(String host) throws UnknownHostException {
        Optional<InetAddress> literal = Hostnames.literal(host);
        if (literal.isPresent()) {
            return List.of(literal.get());
        }
        String ascii = Hostnames.ascii(host);
        long now = reactor.coarseNanoTime();
        if (hosts == null || now >= filesUntilNanos) {
            return List.of();
        }
        List<InetAddress> local = local(ascii);
        return named(host, local.isEmpty() ? cached(candidates(ascii), now) : local);
    }

    @Override
    public List<InetAddress> resolve(
            String host, long deadlineNanos, Consumer<List<InetAddress>> early) throws IOException {
        Optional<InetAddress> literal = Hostnames.literal(host);
        if (literal.isPresent()) {
            return List.of(literal.get());
        }
        String ascii = Hostnames.ascii(host);
        refresh();
        List<InetAddress> local = local(ascii);
        if (!local.isEmpty()) {
            return named(host, local);
        }
        return named(
                host,
                new LookUp(this, host, deadlineNanos)
                        .addresses(
                                candidates(ascii),
                                types(),
                                some -> early.accept(named(host, some))));
    }

    /** The types of address that are worth asking for; IPv6 first, it is to have a start. */
    private List<Integer> types() {
        return stack.hasIpv6() ? List.of(Type.AAAA, Type.A) : List.of(Type.A);
    }

    private List<String> candidates(String ascii) {
        return SearchList.candidates(ascii, settings.ndots(), settings.search());
    }

    /** What needs no server. */
    private List<InetAddress> local(String ascii) {
        List<InetAddress> addresses = hosts.addresses(ascii);
        if (addresses.isEmpty() && Hostnames.isLocalhost(ascii)) {
            addresses = LOOPBACK;
        }
        return addresses.size() <= 1
                ? addresses
                : AddressOrder.sort(addresses.stream().map(SourceAddresses::candidate).toList());
    }

    /** The addresses that the cache has, if it says which of the names is the one. */
    private List<InetAddress> cached(List<String> names, long now) {
        for (String name : names) {
            List<Candidate> found = new ArrayList<>();
            for (int type : types()) {
                Finding finding = cache.get(new Question(absolute(name), type), now);
                if (finding == null) {
                    return List.of();
                }
                found.addAll(finding.candidates());
            }
            if (!found.isEmpty()) {
                cacheHits += types().size();
                return AddressOrder.sort(found);
            }
        }
        return List.of();
    }

    /** Joins those who ask already, or asks. */
    Flight join(String name, int type, WaitPoint waiter) {
        Question question = new Question(absolute(name), type);
        Finding known = cache.get(question, reactor.coarseNanoTime());
        if (known != null) {
            cacheHits++;
            return Flight.ended(question, known);
        }
        Flight flight = flights.get(question);
        if (flight == null) {
            Flight begun = new Flight(question);
            flights.put(question, begun);
            begun.fiber(Fiber.start("query " + question, () -> fly(begun)));
            flight = begun;
        } else {
            joined++;
        }
        flight.join(waiter);
        return flight;
    }

    void leave(Flight flight, WaitPoint waiter) {
        if (flight.leave(waiter)) {
            flights.remove(flight.question(), flight);
            flight.abandon();
        }
    }

    /** The fiber of a query. */
    private void fly(Flight flight) {
        Finding finding = Finding.without(Finding.Kind.FAILED, "the query was cancelled");
        try (var _ = queries.hold(1)) {
            QueryRun.Result result =
                    new QueryRun(exchange, settings, firstServer()).run(flight.question());
            finding = result.finding();
            cache.put(flight.question(), finding, result.ttlSeconds(), reactor.clock().nanoTime());
        } catch (FiberCancelledException e) {
            return; // those who waited have gone, or the runtime stops
        } finally {
            flights.remove(flight.question(), flight);
            flight.end(finding);
        }
    }

    private int firstServer() {
        return settings.rotate() ? nextServer++ & Integer.MAX_VALUE : 0;
    }

    /** Looks at the files, unless that was done lately. */
    private void refresh() throws IOException {
        if (hosts != null && reactor.coarseNanoTime() < filesUntilNanos) {
            return;
        }
        SystemFiles.Contents contents;
        try {
            contents = Blocking.call(this::read);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("reading throws nothing else", e);
        }
        if (queries == null) {
            queries = new Semaphore("name queries", QUERIES_MAX);
        }
        hosts = contents.hosts();
        filesUntilNanos = reactor.clock().nanoTime() + FILES_NANOS;
        ResolverSettings changed = ResolverSettings.of(options, contents.resolvConf());
        if (!changed.equals(settings)) {
            settings = changed;
            cache.clear(); // other servers may say other things
        }
    }

    /** On a thread that may stand still: the library's classes are loaded there too. */
    private SystemFiles.Contents read() throws IOException {
        DnsClasses.load();
        return files.read();
    }

    private static Name absolute(String name) {
        try {
            return Name.fromString(name + ".");
        } catch (TextParseException e) {
            throw new AssertionError("name=" + name + " was looked at before", e);
        }
    }

    private static List<InetAddress> named(String host, List<InetAddress> addresses) {
        return addresses.stream().map(address -> Hostnames.named(host, address)).toList();
    }

    @Override
    public String toString() {
        return "Resolver[" + (settings == null ? "unused" : settings.servers()) + "]";
    }
}
