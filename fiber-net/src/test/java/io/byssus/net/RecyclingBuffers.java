package io.byssus.net;

/** While it is open, runtimes that start recycle their buffers, as in production. */
public final class RecyclingBuffers implements AutoCloseable {
    private static final String MODE = "io.byssus.buffers";

    private final String before = System.setProperty(MODE, "recycling");

    @Override
    public void close() {
        if (before == null) {
            System.clearProperty(MODE);
        } else {
            System.setProperty(MODE, before);
        }
    }
}
