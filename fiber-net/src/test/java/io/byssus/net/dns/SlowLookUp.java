package io.byssus.net.dns;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Looks names up with a resolver that, as the C library's, blocks its thread: until another fiber
 * of the same, only shard lets it go.
 */
final class SlowLookUp implements InetAddressResolver {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answered = new CountDownLatch(1);
    private volatile String asker;

    public static void main(String[] args) throws Exception {
        SlowLookUp impatient = new SlowLookUp();
        impatient.answered.countDown();
        impatient.throughProvider().lookupByName("a", policy()).forEach(address -> {});
        System.out.println("elsewhere: " + impatient.asker);
        try (Shards shards = Shards.start(new RuntimeOptions().smp(1).overprovisioned(true))) {
            shards.submitTo(
                    0,
                    () -> {
                        lookUp();
                        failAndCancel();
                        return null;
                    });
        }
    }

    private static void lookUp() throws Exception {
        SlowLookUp slow = new SlowLookUp();
        InetAddressResolver resolver = slow.throughProvider();
        Fiber<InetAddress> looking =
                Fiber.start(
                        "looking",
                        () -> resolver.lookupByName("a", policy()).findFirst().orElseThrow());
        slow.asked.await();
        slow.answered.countDown();
        System.out.println("found: " + looking.join());
        System.out.println("by address: " + resolver.lookupByAddress(new byte[4]));
        System.out.println("on a thread: " + slow.asker);
    }

    private static void failAndCancel() throws Exception {
        SlowLookUp slow = new SlowLookUp();
        InetAddressResolver resolver = slow.throughProvider();
        Fiber<Void> cancelled =
                Fiber.start(
                        "cancelled",
                        () -> {
                            try {
                                resolver.lookupByName("a", policy());
                            } catch (FiberCancelledException e) {
                                System.out.println("cancelled: " + e.getMessage());
                            }
                        });
        SlowLookUp failing = new SlowLookUp();
        failing.answered.countDown();
        try {
            failing.throughProvider().lookupByName("", policy());
        } catch (UnknownHostException e) {
            System.out.println("failed: " + e.getMessage());
        }
        slow.asked.await();
        cancelled.cancel();
        cancelled.join();
    }

    private static LookupPolicy policy() {
        return LookupPolicy.of(LookupPolicy.IPV4);
    }

    /** What the JDK does with the provider; only it can make a configuration. */
    private InetAddressResolver throughProvider() throws ReflectiveOperationException {
        Object configuration =
                Class.forName("sun.net.ResolverProviderConfiguration")
                        .getConstructor(InetAddressResolver.class, Supplier.class)
                        .newInstance(this, (Supplier<String>) () -> "here");
        return new OffShardResolverProvider()
                .get((InetAddressResolverProvider.Configuration) configuration);
    }

    private void waitForAnswer() throws UnknownHostException {
        asker = Thread.currentThread().getName();
        asked.countDown();
        try {
            answered.await();
        } catch (InterruptedException e) {
            throw new UnknownHostException("interrupted");
        }
    }

    @Override
    public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
            throws UnknownHostException {
        waitForAnswer();
        if (host.isEmpty()) {
            throw new UnknownHostException("no name");
        }
        return Stream.of(InetAddress.getByAddress(host, new byte[] {10, 0, 0, 1}));
    }

    @Override
    public String lookupByAddress(byte[] address) throws UnknownHostException {
        waitForAnswer();
        return "name of " + address.length + " bytes";
    }
}
