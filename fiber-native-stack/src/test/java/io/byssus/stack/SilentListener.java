package io.byssus.stack;

import io.byssus.stack.tcp.TcpListener;

/** Listens for tests that look for themselves what has come. */
public final class SilentListener implements TcpListener.User {
    public SilentListener() {}

    @Override
    public void onOpened() {}

    @Override
    public void onAcceptable() {}

    @Override
    public void onGone() {}
}
