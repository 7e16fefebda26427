// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.boot.SocketListener;
import java.lang.StackWalker.StackFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/**
 * All open sites of this JVM, found by the caller's stack. Their number and size are bounded:
 * stacks beyond that share one call site per kind. Thread-safe.
 */
public final class CallSites {
  /** The call site that stands for all further ones. */
  static final String OTHERS = "other call sites";

  static final int MOST = 10_000;

  /** The most bytes that the texts of the stacks and what belongs to them may take of the heap. */
  static final long MOST_BYTES = Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 16);

  /** Above this number or half the bytes, call sites without open sockets are forgotten. */
  private static final int MANY = 1_000;

  /** More than the agent has on a stack, above the woven method. */
  private static final int OWN_FRAMES = 16;

  /** Objects and the entry in the map, without the texts. */
  private static final int BYTES_PER_SITE = 300;

  private static final List<String> KINDS = List.of("CONNECT", "LISTEN", "ACCEPT");
  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private final ConcurrentMap<Object, CallSite> sites = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final Key before = new Key(KINDS.size(), List.of());
  private final int depth;
  private final int limit;
  private final StackRule rule;
  private final ThreadStarts starts;

  /** In keys, for sockets of no listener. */
  private static final int NO_PORT = -1;

  /**
   * @param depth how many frames of a stack are kept and compared
   */
  CallSites(int depth, StackRule rule, ThreadStarts starts) {
    this.depth = depth;
    this.rule = rule;
    this.limit = limit(depth);
    this.starts = starts;
  }

  /** Returns the limit for {@link StackFingerprint#here} of this many frames of the application. */
  static int limit(int depth) {
    return StackFingerprint.limit(depth + OWN_FRAMES);
  }

  /** The site of the calling thread's stack, and of what started the thread. */
  CallSite here(int kind) {
    CallSite site = ofStack(kind);
    return site.telling().ofApplication() ? site : ofThread(site, starts.ofThisThread());
  }

  /** A site without a frame of the application, in threads that were started there. */
  private CallSite ofThread(CallSite site, ThreadStart start) {
    return derived(site, new DerivedKey(site, start, NO_PORT), id -> site.startedBy(id, start));
  }

  /** Where there is no room for the derived site, it is the one that it is derived from. */
  private CallSite derived(CallSite site, DerivedKey key, IntFunction<CallSite> derive) {
    CallSite known = sites.get(key);
    if (known != null) {
      return known;
    }
    return isFull()
        ? site
        : sites.computeIfAbsent(key, k -> counted(derive.apply(ids.incrementAndGet())));
  }

  private CallSite ofStack(int kind) {
    StackFingerprint fingerprint = StackFingerprint.here(kind, depth, limit);
    if (fingerprint != null) {
      CallSite known = sites.get(fingerprint);
      return known != null ? known : add(fingerprint, kind, null);
    }
    List<StackFrame> frames = walk(depth);
    Key key = new Key(kind, frames);
    CallSite known = sites.get(key);
    return known != null ? known : add(key, kind, frames);
  }

  /**
   * @param walked the calling thread's stack; {@code null} to walk it
   */
  private CallSite add(Object key, int given, List<StackFrame> walked) {
    int kind = given == SocketListener.CONNECT_OR_LISTEN ? kindHere() : given;
    if (isFull()) {
      return sites.computeIfAbsent(
          new Key(KINDS.size() + 1 + kind, List.of()),
          k -> counted(CallSite.of(ids.incrementAndGet(), KINDS.get(kind), OTHERS)));
    }
    List<StackFrame> frames = walked == null ? walk(depth) : walked;
    return sites.computeIfAbsent(
        key,
        k ->
            counted(
                new CallSite(
                    ids.incrementAndGet(),
                    KINDS.get(kind),
                    rule.telling(frames),
                    StackRule.stack(frames))));
  }

  private boolean isFull() {
    return sites.size() >= MOST || bytes.get() >= MOST_BYTES;
  }

  private CallSite counted(CallSite site) {
    bytes.addAndGet(bytes(site));
    return site;
  }

  private long bytes(CallSite site) {
    // The names of a Key's frames are shared with the JVM.
    return BYTES_PER_SITE + site.openedBy().length() + site.stack().length();
  }

  /** The calling thread's stack below the agent's own frames. */
  static List<StackFrame> walk(int depth) {
    return WALKER.walk(
        stream -> {
          List<StackFrame> frames = new ArrayList<>(depth);
          stream.dropWhile(CallSites::isOurs).limit(depth).forEach(frames::add);
          return frames;
        });
  }

  /**
   * What becomes of a socket that Netty's native transport makes: its Socket classes are called by
   * the constructor of a channel, whose class says it.
   */
  private static int kindHere() {
    return WALKER.walk(
        stream ->
            stream
                    .dropWhile(CallSites::isOurs)
                    .map(StackFrame::getClassName)
                    .dropWhile(name -> name.endsWith("Socket"))
                    .limit(1)
                    .anyMatch(name -> name.endsWith("ServerSocketChannel"))
                ? SocketListener.LISTEN
                : SocketListener.CONNECT);
  }

  /** Between the woven method and the walk. */
  private static boolean isOurs(StackFrame frame) {
    Class<?> type = frame.getDeclaringClass();
    return type == CallSites.class
        || type == OpenSockets.class
        || type == ThreadStarts.class
        || type == TaskSubmits.class
        || SocketHooks.isCalledByWovenMethods(type);
  }

  /**
   * A site where a library accepts, for the sockets of one listener.
   *
   * @param listener {@code null} if it is unknown
   */
  CallSite acceptedAt(CallSite site, int port, CallSite listener) {
    return derived(
        site, new DerivedKey(site, listener, port), id -> site.acceptedAt(id, port, listener));
  }

  /** Stands for the unknown places that opened what was open before the agent came. */
  CallSite beforeTheAgent() {
    return sites.computeIfAbsent(
        before,
        k -> counted(CallSite.of(ids.incrementAndGet(), "ADOPTED", "opened before the agent")));
  }

  /** All that have opened sockets, as they are now. */
  public Collection<CallSite> all() {
    return sites.values().stream().filter(site -> site.opened() > 0).toList();
  }

  /**
   * Forgets call sites without open sockets, if there are many. Of those, it keeps the ones that
   * have opened a socket since the last call: a thread may be about to open another.
   *
   * @param chunk the chunk of the recording that may still name those marked in it; -1 for none
   */
  public void trim(long chunk) {
    if (sites.size() > MANY || bytes.get() > MOST_BYTES / 2) {
      sites
          .values()
          .removeIf(
              site -> {
                boolean removed = site.checkIdle() && (site.chunk() != chunk || chunk < 0);
                if (removed) {
                  bytes.addAndGet(-bytes(site));
                }
                return removed;
              });
    }
  }

  /** A stack, by class, method and bytecode index of each frame. Holds no class. */
  private static final class Key {
    private final String[] classes;
    private final String[] methods;
    private final int[] positions;
    private final int hash;

    Key(int kind, List<StackFrame> frames) {
      int count = frames.size();
      classes = new String[count];
      methods = new String[count];
      positions = new int[count + 1];
      positions[count] = kind;
      int h = kind;
      for (int i = 0; i < count; i++) {
        StackFrame frame = frames.get(i);
        classes[i] = frame.getClassName();
        methods[i] = frame.getMethodName();
        positions[i] = frame.getByteCodeIndex();
        h = ((h * 31 + classes[i].hashCode()) * 31 + methods[i].hashCode()) * 31 + positions[i];
      }
      hash = h;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && hash == key.hash
          && Arrays.equals(positions, key.positions)
          && Arrays.equals(methods, key.methods)
          && Arrays.equals(classes, key.classes);
    }
  }
}
