package io.byssus.net.dns;

import io.byssus.net.spi.NameService;
import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The C library's resolver, on the blocking pool: for names that are in neither hosts file nor DNS
 * (nsswitch.conf).
 *
 * <p><b>Ownership:</b> any thread.
 */
final class SystemNames implements NameService {
    @Override
    public List<InetAddress> known(String host) throws UnknownHostException {
        return Hostnames.literal(host).map(List::of).orElse(List.of());
    }

    @Override
    public List<InetAddress> resolve(
            String host, long deadlineNanos, Consumer<List<InetAddress>> early) throws IOException {
        Hostnames.ascii(host); // what is no name is none here either
        if (deadlineNanos == Long.MAX_VALUE) {
            return lookUp(host);
        }
        long left = deadlineNanos - Reactor.current().clock().nanoTime();
        try {
            return Deadline.within(Duration.ofNanos(Math.max(left, 0)), () -> lookUp(host));
        } catch (DeadlineExceededException e) {
            SocketTimeoutException late =
                    new SocketTimeoutException("resolve " + host + ": no answer in time");
            late.initCause(e);
            throw late;
        }
    }

    private static List<InetAddress> lookUp(String host) throws IOException {
        try {
            return Blocking.call(() -> List.of(InetAddress.getAllByName(host)));
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("a look-up throws nothing else", e);
        }
    }
}
