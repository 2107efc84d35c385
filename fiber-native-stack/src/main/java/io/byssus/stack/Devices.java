package io.byssus.stack;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.time.Clock;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.device.NoDevice;
import io.byssus.stack.device.PcapDevice;
import io.byssus.stack.device.PcapWriter;
import io.byssus.stack.device.TapDevice;
import io.byssus.stack.device.TapInterface;
import io.byssus.stack.device.TapOptions;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The queues of a runtime's device, one for each shard: opened before anything starts, so that what
 * is wrong is said at once.
 *
 * <p><b>Ownership:</b> opened by the starting thread; each queue is its shard's from then on.
 */
final class Devices {
    private final NativeOptions options;
    private final TapOptions tap;
    private final List<TapInterface> queues;
    private final List<FileChannel> files;

    private Devices(
            NativeOptions options,
            TapOptions tap,
            List<TapInterface> queues,
            List<FileChannel> files) {
        this.options = options;
        this.tap = tap;
        this.queues = queues;
        this.files = files;
    }

    /**
     * Opens what the options name.
     *
     * @throws IllegalArgumentException with a sentence that says why that cannot be
     */
    static Devices open(NativeOptions options, int shards) {
        TapOptions tap = options.kind() == NativeOptions.Kind.TAP ? tap(options, shards) : null;
        Devices devices = new Devices(options, tap, new ArrayList<>(), new ArrayList<>());
        boolean opened = false;
        try {
            for (int shard = 0; shard < shards; shard++) {
                if (tap != null) {
                    devices.queues.add(TapInterface.open(tap));
                }
                if (!options.pcapFile().isEmpty()) {
                    devices.files.add(openPcap(options.pcapFile() + "." + shard));
                }
            }
            if (tap != null) {
                // What is wrong with the addresses is said now.
                int mtu = devices.queues.getFirst().mtu();
                requireMtu(options, mtu);
                options.configuration(mtu, tap.macAddress());
            }
            opened = true;
            return devices;
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } finally {
            if (!opened) {
                devices.close();
            }
        }
    }

    private static TapOptions tap(NativeOptions options, int shards) {
        try {
            return TapOptions.of(options.device())
                    .withQueues(shards)
                    .withOffloads(
                            options.tso()
                                    ? TapOptions.Offloads.TCP_SEGMENTATION
                                    : TapOptions.Offloads.NONE);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--device tap:" + options.device() + ": " + e.getMessage(), e);
        }
    }

    private static void requireMtu(NativeOptions options, int deviceMtu) {
        if (options.mtu() > deviceMtu) {
            throw new IllegalArgumentException(
                    "--mtu "
                            + options.mtu()
                            + ": "
                            + options.device()
                            + " takes at most "
                            + deviceMtu
                            + " bytes");
        }
    }

    private static FileChannel openPcap(String file) throws IOException {
        try {
            return FileChannel.open(
                    Path.of(file),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            throw new IOException("--pcap " + file + ": No such file or directory", e);
        } catch (AccessDeniedException e) {
            throw new IOException("--pcap " + file + ": Permission denied", e);
        } catch (FileSystemException e) {
            throw new IOException("--pcap " + file + ": " + e.getReason(), e);
        }
    }

    /** The device of one shard, which closes it. */
    LinkDevice of(int shard, BufferPool pool, Clock clock) {
        LinkDevice device =
                tap == null ? new NoDevice() : new TapDevice(tap, queues.get(shard), pool);
        if (files.isEmpty()) {
            return device;
        }
        try {
            return new PcapDevice(
                    device, new PcapWriter(files.get(shard)), clock, originEpochNanos(clock));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What the user should know; empty if nothing. */
    String warning() {
        if (tap == null || queues.getFirst().isUp()) {
            return "";
        }
        return tap.interfaceName()
                + " is down: nothing passes before `ip link set dev "
                + tap.interfaceName()
                + " up`";
    }

    /** The time of day when the clock showed zero. */
    private static long originEpochNanos(Clock clock) {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - clock.nanoTime();
    }

    /** Gives back what no shard has taken. */
    void close() {
        queues.forEach(TapInterface::close);
        for (FileChannel file : files) {
            try {
                file.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
