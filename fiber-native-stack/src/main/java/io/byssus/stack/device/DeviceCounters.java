package io.byssus.stack.device;

/**
 * What has passed through a device, and what was dropped there and why. Bytes are those of Ethernet
 * frames.
 *
 * <p><b>Ownership:</b> confined to the device's shard.
 */
public final class DeviceCounters {
    long framesReceived;
    long bytesReceived;
    long framesSent;
    long bytesSent;
    long receivedTooLong;
    long receivedTooShort;
    long receivedInvalid;
    long receivedWithoutMemory;
    long receiveErrors;
    long sentWhileDown;
    long sendErrors;
    long sendWaits;

    DeviceCounters() {}

    /** Frames that were handed to the stack. */
    public long framesReceived() {
        return framesReceived;
    }

    public long bytesReceived() {
        return bytesReceived;
    }

    /** Frames that the kernel took. */
    public long framesSent() {
        return framesSent;
    }

    public long bytesSent() {
        return bytesSent;
    }

    /** Dropped: longer than the MTU allows, such as after somebody has raised it. */
    public long receivedTooLong() {
        return receivedTooLong;
    }

    /** Dropped: too short for an Ethernet header. */
    public long receivedTooShort() {
        return receivedTooShort;
    }

    /** Dropped: its offloads contradict the frame, or were never agreed on. */
    public long receivedInvalid() {
        return receivedInvalid;
    }

    /** Dropped: the shard had no memory for it. */
    public long receivedWithoutMemory() {
        return receivedWithoutMemory;
    }

    /** Reads that failed, such as after the interface was deleted. */
    public long receiveErrors() {
        return receiveErrors;
    }

    /** Dropped: the interface is down. */
    public long sentWhileDown() {
        return sentWhileDown;
    }

    /** Dropped: the kernel refused it for another reason, such as want of memory. */
    public long sendErrors() {
        return sendErrors;
    }

    /** Frames that waited until the kernel had room. */
    public long sendWaits() {
        return sendWaits;
    }

    @Override
    public String toString() {
        return "framesReceived="
                + framesReceived
                + " bytesReceived="
                + bytesReceived
                + " framesSent="
                + framesSent
                + " bytesSent="
                + bytesSent
                + " receivedTooLong="
                + receivedTooLong
                + " receivedTooShort="
                + receivedTooShort
                + " receivedInvalid="
                + receivedInvalid
                + " receivedWithoutMemory="
                + receivedWithoutMemory
                + " receiveErrors="
                + receiveErrors
                + " sentWhileDown="
                + sentWhileDown
                + " sendErrors="
                + sendErrors
                + " sendWaits="
                + sendWaits;
    }
}
