package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.device.Offload;
import io.byssus.stack.ip.Reassembler;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One end of a wire with a queue for each shard. It remembers, as TAP does, from which queue each
 * flow was sent last; which queue a frame arrives in is the test's choice.
 */
final class ManyQueues {
    static final int NO_FLOW = -1;

    private static final MemorySegment MEMORY = RawMemory.all();

    /** Where frames arrive. */
    @FunctionalInterface
    interface Choice {
        /**
         * The queue for a frame.
         *
         * @param ports of its flow as the shards see it, or {@link #NO_FLOW}
         * @param last the queue from which the flow was sent last, or -1
         */
        int queue(int ports, int last);
    }

    /** What happens to frames before they arrive. */
    @FunctionalInterface
    interface Passage {
        /** Passes on what becomes of a frame, which it owns. */
        void pass(Buffer frame, Consumer<Buffer> next);
    }

    private final LinkDevice wire;
    private final List<Queue> queues = new ArrayList<>();
    private final Map<Integer, Integer> lastQueues = new HashMap<>();
    private final int framesMax;
    private final Choice choice;
    private Passage passage = (frame, next) -> next.accept(frame);
    private Consumer<Buffer> onSent = frame -> {};
    private long dropped;

    ManyQueues(LinkDevice wire, int queues, int framesMax, Choice choice) {
        this.wire = wire;
        this.framesMax = framesMax;
        this.choice = choice;
        for (int i = 0; i < queues; i++) {
            this.queues.add(new Queue(i));
        }
    }

    LinkDevice queue(int index) {
        return queues.get(index);
    }

    void passage(Passage newPassage) {
        passage = newPassage;
    }

    /** Shown every frame that a shard sends. */
    void onSent(Consumer<Buffer> observer) {
        onSent = observer;
    }

    /** Frames that found their queue full. */
    long dropped() {
        return dropped;
    }

    /** A frame arrives. */
    void arrive(int queue, Buffer frame) {
        ArrayDeque<Buffer> frames = queues.get(queue).frames;
        if (frames.size() == framesMax) {
            dropped++;
            frame.close();
        } else {
            frames.add(frame);
        }
    }

    private void pump() {
        for (Buffer frame = wire.receive(); frame != null; frame = wire.receive()) {
            assert wire.receivedOffload() == Offload.NONE : "no offloads here";
            passage.pass(frame, this::steer);
        }
    }

    private void steer(Buffer frame) {
        int ports = ports(frame, TcpHeader.BYTES_MIN, true);
        arrive(choice.queue(ports, lastQueues.getOrDefault(ports, -1)), frame);
    }

    /** Of a whole TCP segment, as seen by the shards; else {@link #NO_FLOW}. */
    static int ports(Buffer frame, int segmentBytesMin, boolean arrives) {
        long packet = frame.address() + EthernetHeader.BYTES;
        if (frame.length() < IpOutput.HEADERS_BYTES + segmentBytesMin
                || EthernetHeader.type(MEMORY, frame.address()) != EthernetHeader.TYPE_IPV4
                || Ipv4Header.protocol(MEMORY, packet) != Ipv4Header.PROTOCOL_TCP
                || Reassembler.isFragment(MEMORY, packet)) {
            return NO_FLOW;
        }
        long segment = packet + Ipv4Header.BYTES_MIN;
        int source = TcpHeader.sourcePort(MEMORY, segment);
        int destination = TcpHeader.destinationPort(MEMORY, segment);
        return arrives ? Flow.ports(destination, source) : Flow.ports(source, destination);
    }

    private final class Queue implements LinkDevice {
        private final int index;
        private final ArrayDeque<Buffer> frames = new ArrayDeque<>();

        Queue(int index) {
            this.index = index;
        }

        @Override
        public long macAddress() {
            return wire.macAddress();
        }

        @Override
        public int mtu() {
            return wire.mtu();
        }

        @Override
        public Buffer receive() {
            pump();
            return frames.poll();
        }

        @Override
        public boolean hasRoom() {
            return wire.hasRoom();
        }

        @Override
        public void send(Buffer frame, long offload) {
            int ports = ports(frame, TcpHeader.BYTES_MIN, false);
            if (ports != NO_FLOW) {
                lastQueues.put(ports, index);
            }
            onSent.accept(frame);
            wire.send(frame, offload);
        }

        @Override
        public long deadlineNanos() {
            return wire.deadlineNanos();
        }

        @Override
        public void close() throws IOException {
            frames.forEach(Buffer::close);
            frames.clear();
            if (index == 0) {
                wire.close();
            }
        }
    }
}
