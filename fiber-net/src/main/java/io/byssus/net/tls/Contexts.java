package io.byssus.net.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Makes the JDK's contexts. All methods block. */
final class Contexts {
    private Contexts() {}

    /**
     * A context of the JDK's.
     *
     * @param keys null for none
     * @param roots a PEM file; null for those of the Java platform
     */
    static SSLContext jdk(KeyManager keys, Path roots) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keyManagers = keys == null ? new KeyManager[0] : new KeyManager[] {keys};
            context.init(keyManagers, trust(roots), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        }
    }

    /** Makes engines of Netty's. */
    interface OpenSslMaker {
        Engines make() throws IOException;
    }

    /**
     * What {@code maker} makes.
     *
     * @throws UnsupportedOperationException if Netty is not on the class path
     */
    static Engines openSsl(OpenSslMaker maker) throws IOException {
        try {
            return maker.make();
        } catch (NoClassDefFoundError e) {
            throw new UnsupportedOperationException(
                    "provider=" + TlsProvider.OPENSSL + ": netty-handler is not there", e);
        }
    }

    private static TrustManager[] trust(Path roots) throws GeneralSecurityException, IOException {
        return trustFactory(roots).getTrustManagers();
    }

    /** Of the certificates in {@code roots}; null for those of the Java platform. */
    static TrustManagerFactory trustFactory(Path roots)
            throws GeneralSecurityException, IOException {
        KeyStore store = null;
        if (roots != null) {
            store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            X509Certificate[] certificates = PemFiles.certificates(roots);
            for (int i = 0; i < certificates.length; i++) {
                store.setCertificateEntry(Integer.toString(i), certificates[i]);
            }
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }
}
