package io.byssus.stack.ip;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;

/** Writes down what happens; closes the frames. */
final class RecordingArpSink implements ArpSink {
    private final List<String> events = new ArrayList<>();

    /** What has happened since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    @Override
    public void request(int senderIp, int targetIp, long destination) {
        events.add(
                senderIp == targetIp
                        ? "announce " + Ipv4Address.format(senderIp)
                        : "who has "
                                + Ipv4Address.format(targetIp)
                                + (destination == MacAddress.BROADCAST
                                        ? ""
                                        : " at " + mac(destination))
                                + "? says "
                                + Ipv4Address.format(senderIp));
    }

    @Override
    public void reply(int senderIp, int targetIp, long targetMac) {
        events.add(
                Ipv4Address.format(senderIp)
                        + " is here, "
                        + Ipv4Address.format(targetIp)
                        + " at "
                        + mac(targetMac));
    }

    @Override
    public void resolved(Buffer frame, long mac) {
        events.add("frame " + TestPool.number(frame) + " to " + mac(mac));
    }

    @Override
    public void unreachable(int address, Buffer frame) {
        events.add("frame " + TestPool.number(frame) + " not to " + Ipv4Address.format(address));
    }

    @Override
    public void conflict(int address, long mac) {
        events.add("conflict " + Ipv4Address.format(address) + " with " + mac(mac));
    }

    private static String mac(long mac) {
        return Long.toHexString(mac);
    }
}
