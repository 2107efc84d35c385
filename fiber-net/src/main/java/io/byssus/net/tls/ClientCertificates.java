package io.byssus.net.tls;

/** Whether a server wants to know who its clients are. */
public enum ClientCertificates {
    /** It does not ask. */
    IGNORED,

    /** It asks; who has none may talk all the same, who has a bad one may not. */
    REQUESTED,

    /** Who has none, or a bad one, gets no connection. */
    REQUIRED
}
