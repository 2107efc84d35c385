package io.byssus.net.tls;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * The certificates of some files, which may change meanwhile: every handshake looks at the files'
 * times first (some microseconds, on a thread of the {@link HandshakePool}), and reads them if they
 * are others. What cannot be read, or does not fit together yet, leaves the former in force.
 *
 * <p>An engine asks for the alias of a certificate, and then for what belongs to it; so an alias
 * names its generation, and the one before the newest is still known.
 *
 * <p><b>Ownership:</b> any thread, never a carrier.
 */
final class ReloadingKeys extends X509ExtendedKeyManager {
    private static final System.Logger LOG = System.getLogger(ReloadingKeys.class.getName());

    /** The certificates of one moment; {@code previous} are those of the moment before, or null. */
    private record Generation(
            int number, String stamp, List<Credentials> credentials, Generation previous) {
        Generation withoutHistory() {
            return new Generation(number, stamp, credentials, null);
        }
    }

    private final List<CertificateFiles> files;
    private final TlsProvider provider;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Generation newest;

    /** Of the files that could not be used, so that this is said once. Under the lock. */
    private String refusedStamp = "";

    /** Reads {@code files}, whose keys are for {@code provider}. Blocks. */
    ReloadingKeys(List<CertificateFiles> files, TlsProvider provider) throws IOException {
        this.files = files;
        this.provider = provider;
        this.newest = read(0, null);
    }

    private Generation read(int number, Generation previous) throws IOException {
        String stamp = stamp(); // before the bytes: what changes while they are read is seen
        List<Credentials> credentials = new ArrayList<>();
        for (CertificateFiles pair : files) {
            credentials.add(Credentials.read(pair, provider));
        }
        return new Generation(number, stamp, List.copyOf(credentials), previous);
    }

    private String stamp() throws IOException {
        StringBuilder stamp = new StringBuilder();
        for (CertificateFiles pair : files) {
            stamp.append(pair.stamp()).append(' ');
        }
        return stamp.toString();
    }

    /** Reads the files again. Blocks; if it fails, the former certificates stay in force. */
    void reload() throws IOException {
        lock.lock();
        try {
            Generation former = newest;
            newest = read(former.number() + 1, former.withoutHistory());
            refusedStamp = "";
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #reload}, if the files have changed; fails never. */
    void reloadIfChanged() {
        if (!lock.tryLock()) {
            return; // somebody is doing it
        }
        String stamp = "";
        try {
            stamp = stamp();
            if (!stamp.equals(newest.stamp())) {
                reload();
                LOG.log(Level.INFO, "TLS certificates reloaded: {0}", files);
            }
        } catch (IOException | RuntimeException e) {
            if (!stamp.equals(refusedStamp)) {
                refusedStamp = stamp;
                LOG.log(Level.WARNING, "TLS certificates not reloaded: {0}", e.toString());
            }
        } finally {
            lock.unlock();
        }
    }

    private String alias(String keyType, String host) {
        Generation generation = newest;
        List<Credentials> all = generation.credentials();
        boolean named = host != null && all.stream().anyMatch(one -> one.isFor(host));
        for (int i = 0; i < all.size(); i++) {
            Credentials one = all.get(i);
            boolean fits = named ? one.isFor(host) : one.names().equals(all.getFirst().names());
            if (fits && one.isOf(keyType)) {
                return generation.number() + ":" + i;
            }
        }
        return null;
    }

    private static String requestedHost(SSLEngine engine) {
        SSLSession session = engine == null ? null : engine.getHandshakeSession();
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return null;
    }

    private Credentials credentials(String alias) {
        if (alias == null) {
            return null;
        }
        int colon = alias.indexOf(':');
        int number = Integer.parseInt(alias, 0, colon, 10);
        for (Generation it = newest; it != null; it = it.previous()) {
            if (it.number() == number) {
                return it.credentials().get(Integer.parseInt(alias, colon + 1, alias.length(), 10));
            }
        }
        return null;
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return alias(keyType, requestedHost(engine));
    }

    @Override
    public String chooseEngineClientAlias(
            String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        return chooseClientAlias(keyTypes, issuers, null);
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return alias(keyType, null);
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        for (String keyType : keyTypes) {
            String alias = alias(keyType, null);
            if (alias != null) {
                return alias;
            }
        }
        return null;
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        String alias = alias(keyType, null);
        return alias == null ? null : new String[] {alias};
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return getServerAliases(keyType, issuers);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        Credentials credentials = credentials(alias);
        return credentials == null ? null : credentials.chain();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        Credentials credentials = credentials(alias);
        return credentials == null ? null : credentials.key();
    }
}
