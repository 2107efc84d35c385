package io.byssus.net.dns;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Names, as the calling fiber's shard resolves them: by {@code /etc/hosts}, then by the servers of
 * {@code --dns-server} or {@code /etc/resolv.conf}; with {@code --dns-server system} by the C
 * library, on the blocking pool. {@link io.byssus.net.Network#connect(String, int)} asks the same.
 *
 * <p>{@code InetAddress.getByName} and its kind, which other people's code calls, ask the C library
 * in any case. On a fiber they park it and do not stop the shard.
 *
 * <p>All methods are for fibers of a shard and throw {@link IllegalStateException} elsewhere.
 */
public final class Names {
    private Names() {}

    /** As {@link Resolver#resolve(String)}. */
    public static List<InetAddress> resolve(String host) throws IOException {
        return resolve(host, Deadline.NONE);
    }

    /** As {@link Resolver#resolve(String, Deadline)}. */
    public static List<InetAddress> resolve(String host, Deadline deadline) throws IOException {
        Fiber.yieldIfNeeded(); // it may be known
        var names = Surroundings.SHARD.get().names();
        List<InetAddress> known = names.known(host);
        return known.isEmpty() ? names.resolve(host, deadline.nanos(), early -> {}) : known;
    }

    /** As {@link Resolver#services(String)}. */
    public static List<ServiceRecord> services(String name) throws IOException {
        return resolver().services(name);
    }

    /** As {@link Resolver#services(String, Deadline)}. */
    public static List<ServiceRecord> services(String name, Deadline deadline) throws IOException {
        return resolver().services(name, deadline);
    }

    /**
     * The shard's own.
     *
     * @throws UnsupportedOperationException with {@code --dns-server system}
     */
    public static Resolver resolver() {
        if (Surroundings.SHARD.get().names() instanceof Resolver resolver) {
            return resolver;
        }
        throw new UnsupportedOperationException(
                "the C library resolves names here (--dns-server system), and it knows addresses"
                        + " only");
    }
}
