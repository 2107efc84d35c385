package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.IoVectors;
import io.byssus.runtime.os.NativeMemory;
import io.byssus.runtime.os.RawMemory;
import io.byssus.runtime.os.TunTap;
import io.byssus.stack.wire.EthernetHeader;
import java.io.IOException;

/**
 * One queue of a TAP interface: a cable whose other end is plugged into the kernel.
 *
 * <p>A frame is read together with its {@link VirtioNetHeader} into a buffer from the pool, whose
 * front is then trimmed; one system call per frame, and no copy. Without offloads a buffer is as
 * large as the MTU wants; with segmentation it has 64 KiB, and what fills little of it should be
 * copied out by who keeps it. A packet of just under 64 KiB, which a bridge may pass on, is longer
 * than that with its headers. After the first such, which is lost, the last bytes of a frame may go
 * to a small spill behind the buffer, and the whole is copied into a larger one.
 *
 * <p>A frame is written with one call and released at once: a large one gathered behind its header,
 * a small one copied behind it, which costs less (on Linux 6.18, about 100 ns of 1.4 microseconds).
 * The kernel takes it through its receive path within the call, so it practically always has room;
 * should it not have, the frame waits here, and there is no room until the descriptor is writable.
 *
 * <p><b>Ownership:</b> confined to the shard whose pool it was given.
 */
public final class TapDevice implements LinkDevice {
    private static final int SEGMENTATION_BUFFER_BYTES = 1 << 16;

    /** Frames dropped in one {@link #receive} before others have their turn. */
    private static final int DROPS_MAX = 64;

    /** Frames up to here are copied behind their header. */
    private static final int SMALL_FRAME_BYTES = 256;

    private static final int SLICES = 2;
    private static final int SPILL_BYTES = 64;

    /**
     * Native memory: the slices of a read, those of a write, the spill, and last the header of a
     * write with room for a small frame behind it.
     */
    private static final int WRITE_SLICES = IoVectors.bytes(SLICES);

    private static final int SPILL = WRITE_SLICES + IoVectors.bytes(SLICES);
    private static final int WRITE_HEADER = SPILL + SPILL_BYTES;
    private static final int WRITE_FRAME = WRITE_HEADER + VirtioNetHeader.BYTES;
    private static final int NATIVE_BYTES = WRITE_FRAME + SMALL_FRAME_BYTES;

    /** The shortest that is not dropped, the virtio header included. */
    private static final int READ_BYTES_MIN = VirtioNetHeader.BYTES + EthernetHeader.BYTES;

    private final TapOptions options;
    private final int fd;
    private final int mtu;
    private final String warning;
    private final BufferPool pool;
    private final CallState state = new CallState();
    private final DeviceCounters counters = new DeviceCounters();

    /** The longest that is not dropped, the virtio header included. */
    private final int readBytesMax;

    private final int bufferBytes;
    private final long memory;

    /** Whether frames are expected that are longer than a buffer. */
    private boolean spilling;

    /** What the next frame is read into; null if it is yet to be allocated. */
    private Buffer empty;

    private long receivedOffload;

    /** Whether the last {@link #receive} ended before the queue's end. */
    private boolean endedEarly;

    /** What the kernel had no room for; null if it had. Its header and slices are in place. */
    private Buffer waiting;

    private boolean closed;

    /** Over a queue that is open; it belongs to the device. */
    public TapDevice(TapOptions options, TapInterface found, BufferPool pool) {
        this.options = options;
        this.fd = found.fd();
        this.mtu = found.mtu();
        this.warning =
                found.isUp()
                        ? ""
                        : options.interfaceName()
                                + " is down: nothing passes before `ip link set dev "
                                + options.interfaceName()
                                + " up`";
        this.pool = pool;
        boolean segmentation = segmentationBytesMax() > 0;
        int packetMax = segmentation ? Math.max(mtu, segmentationBytesMax()) : mtu;
        readBytesMax = READ_BYTES_MIN + packetMax;
        // A byte more than is wanted, so that what is cut off at the buffer's end is told.
        bufferBytes = segmentation ? SEGMENTATION_BUFFER_BYTES : readBytesMax + 1;
        spilling = READ_BYTES_MIN + mtu >= bufferBytes;
        assert readBytesMax < bufferBytes + SPILL_BYTES : "mtu=" + mtu;
        memory = NativeMemory.allocate(NATIVE_BYTES);
        IoVectors.slice(memory, 1, memory + SPILL, SPILL_BYTES);
        IoVectors.slice(memory + WRITE_SLICES, 0, memory + WRITE_HEADER, VirtioNetHeader.BYTES);
    }

    /**
     * Opens one queue of an interface, in the network namespace of the calling thread; for several
     * queues, each shard calls it with the same options. An interface that is down is opened all
     * the same: see {@link #warning}.
     *
     * @param pool of the shard that the device is for; frames are read into its buffers
     * @throws IOException whose message is a sentence that says why not
     */
    public static TapDevice open(TapOptions options, BufferPool pool) throws IOException {
        return new TapDevice(options, TapInterface.open(CallState.ofThread(), options), pool);
    }

    /** What its user should know about the interface as it was opened; empty if nothing. */
    public String warning() {
        return warning;
    }

    public DeviceCounters counters() {
        return counters;
    }

    @Override
    public long macAddress() {
        return options.macAddress();
    }

    /** As it was at opening. */
    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public boolean completesChecksums() {
        return options.offloads() == TapOptions.Offloads.TCP_SEGMENTATION;
    }

    @Override
    public int segmentationBytesMax() {
        return completesChecksums() ? Offload.PACKET_BYTES_MAX : 0;
    }

    @Override
    public int descriptor() {
        return fd;
    }

    @Override
    public Buffer receive() {
        endedEarly = false;
        if (closed) {
            return null;
        }
        for (int drops = 0; drops < DROPS_MAX; drops++) {
            if (empty == null) {
                empty = pool.allocateReserved(bufferBytes);
                if (empty == null) {
                    return dropSome();
                }
                IoVectors.slice(memory, 0, empty.address(), bufferBytes);
            }
            int count = read();
            if (count < 0) {
                countReadError();
                return null;
            }
            Buffer frame = frameOf(count);
            if (frame != null) {
                counters.framesReceived++;
                counters.bytesReceived += frame.length();
                return frame;
            }
        }
        endedEarly = true;
        return null;
    }

    @Override
    public long receivedOffload() {
        return receivedOffload;
    }

    @Override
    public boolean hasRoom() {
        return waiting == null && !closed;
    }

    @Override
    public void send(Buffer frame, long offload) {
        assert hasRoom() : "a frame is waiting, or closed=" + closed;
        assert completesChecksums() || offload == Offload.NONE : "no offloads here";
        assert Offload.fits(offload, frame.length()) : frame;
        VirtioNetHeader.write(memory + WRITE_HEADER, offload);
        if (frame.length() <= SMALL_FRAME_BYTES) {
            RawMemory.copy(frame.address(), memory + WRITE_FRAME, frame.length());
        } else {
            IoVectors.slice(memory + WRITE_SLICES, 1, frame.address(), frame.length());
        }
        write(frame);
        if (waiting != null) {
            counters.sendWaits++;
        }
    }

    @Override
    public void onWritable() {
        if (waiting != null) {
            Buffer frame = waiting;
            waiting = null;
            write(frame);
        }
    }

    @Override
    public long deadlineNanos() {
        return endedEarly ? Long.MIN_VALUE : NO_DEADLINE;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Descriptors.close(state, fd);
        NativeMemory.release(memory);
        if (empty != null) {
            empty.close();
        }
        if (waiting != null) {
            waiting.close();
        }
    }

    /**
     * The shard has no memory: frames are read over the front of each other, and lost. Left in the
     * interface they would keep the shard awake.
     *
     * @return null
     */
    private Buffer dropSome() {
        for (int drops = 0; drops < DROPS_MAX; drops++) {
            if (TunTap.read(state, fd, memory + SPILL, SPILL_BYTES) < 0) {
                countReadError();
                return null;
            }
            counters.receivedWithoutMemory++;
        }
        endedEarly = true;
        return null;
    }

    private int read() {
        long count =
                spilling
                        ? TunTap.readScattering(state, fd, memory, SLICES)
                        : TunTap.read(state, fd, empty.address(), bufferBytes);
        return (int) count;
    }

    /** The frame of which so many bytes were read, or null: it was dropped and counted. */
    private Buffer frameOf(int count) {
        if (count < READ_BYTES_MIN) {
            counters.receivedTooShort++;
            return null;
        }
        boolean isCutOff = count == bufferBytes && !spilling;
        if (count > readBytesMax || isCutOff) {
            counters.receivedTooLong++;
            spilling |= segmentationBytesMax() > 0;
            return null;
        }
        int length = count - VirtioNetHeader.BYTES;
        long offload = VirtioNetHeader.offload(empty.address(), length);
        if (offload == VirtioNetHeader.INVALID
                || ((offload & ~Offload.VERIFIED) != Offload.NONE && !completesChecksums())) {
            counters.receivedInvalid++;
            return null;
        }
        receivedOffload = offload;
        Buffer frame = empty;
        if (count > bufferBytes) {
            frame = withSpill(count);
            if (frame == null) {
                return null;
            }
        } else {
            empty = null;
            frame.trim(count);
        }
        frame.trimFront(VirtioNetHeader.BYTES);
        return frame;
    }

    /** Everything that was read, in a buffer that has room for it; null without memory. */
    private Buffer withSpill(int count) {
        Buffer whole = pool.allocateReserved(count);
        if (whole == null) {
            counters.receivedWithoutMemory++;
            return null;
        }
        whole.put(0, empty);
        RawMemory.copy(memory + SPILL, whole.address() + bufferBytes, count - bufferBytes);
        return whole;
    }

    private void countReadError() {
        if (state.errno() != Errno.EAGAIN) {
            counters.receiveErrors++;
        }
    }

    /** Writes the frame for which the header, and the slices or the copy, are in place. */
    private void write(Buffer frame) {
        int length = VirtioNetHeader.BYTES + frame.length();
        long count =
                frame.length() <= SMALL_FRAME_BYTES
                        ? TunTap.write(state, fd, memory + WRITE_HEADER, length)
                        : TunTap.writeGathering(state, fd, memory + WRITE_SLICES, SLICES);
        if (count >= 0) {
            assert count == length : "count=" + count;
            counters.framesSent++;
            counters.bytesSent += frame.length();
        } else {
            switch (state.errno()) {
                case Errno.EAGAIN -> {
                    waiting = frame;
                    return;
                }
                case Errno.EIO -> counters.sentWhileDown++;
                default -> counters.sendErrors++;
            }
        }
        frame.close();
    }

    @Override
    public String toString() {
        return "TapDevice[" + options.interfaceName() + " " + counters + "]";
    }
}
