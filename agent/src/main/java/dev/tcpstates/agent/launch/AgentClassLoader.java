// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.AllPermission;
import java.security.Permissions;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipException;

/**
 * Loads the agent and its libraries from the jar's rooms, unseen by the application and blind to
 * its class path, as one named module.
 *
 * <p>A module of its own, because JDK 24 and later warn about native access, and permission can be
 * given either to a named module or to all code on the class path.
 */
final class AgentClassLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private static final String MODULE = "dev.tcpstates.agent";

  /** The agent, with what of its libraries it needs itself. */
  private static final String AGENT = "inst/agent";

  /** What only commands need. */
  private static final String COMMANDS = "inst/commands";

  /** Below it are the native libraries, which are read when they are needed: once, or never. */
  private static final String NATIVE = "inst/native/";

  private static final String PACKAGES = "inst/packages";
  private static final String VERSION = "inst/version";
  private static final String CLASS_SUFFIX = ".classdata";
  private static final String LIBRARY_SUFFIX = ".so";

  /** What the agent or its libraries use of the JDK; each only where this JVM has it. */
  private static final List<String> USED_MODULES =
      List.of("java.instrument", "java.management", "jdk.attach", "jdk.jfr", "jdk.unsupported");

  /** Under a SecurityManager, what the agent may do must not depend on the application's policy. */
  private static final ProtectionDomain TRUSTED = trusted();

  private final Path jar;
  private final PackedFiles[] rooms;

  private AgentClassLoader(Path jar, PackedFiles... rooms) {
    super("tcpstates-agent", ClassLoader.getPlatformClassLoader());
    this.jar = jar;
    this.rooms = rooms;
  }

  static ClassLoader open(Path jar) throws IOException {
    return open(new AgentClassLoader(jar, PackedFiles.read(jar, AGENT)), false);
  }

  /**
   * The same for the command, whose JVM has no instrumentation to allow native access with: the
   * jar's manifest allows it to this class, which may pass it on.
   */
  static ClassLoader openForCommand(Path jar) throws IOException {
    return open(
        new AgentClassLoader(jar, PackedFiles.read(jar, AGENT), PackedFiles.read(jar, COMMANDS)),
        true);
  }

  private static ClassLoader open(AgentClassLoader loader, boolean command) throws IOException {
    // The JVM reads these classes from the jar too, which may be another one later.
    loader.new RoomHandler().openConnection(null);
    ModuleLayer boot = ModuleLayer.boot();
    ModuleDescriptor.Builder module =
        ModuleDescriptor.newOpenModule(MODULE)
            .version(loader.text(VERSION))
            .packages(Set.of(loader.text(PACKAGES).split(",")));
    for (String used : USED_MODULES) {
      if (boot.findModule(used).isPresent()) {
        module.requires(used);
      }
    }
    Configuration configuration =
        boot.configuration()
            .resolve(new OneModule(module.build()), ModuleFinder.of(), Set.of(MODULE));
    ModuleLayer.Controller layer =
        ModuleLayer.defineModules(configuration, List.of(boot), name -> loader);
    if (command) {
      allowNativeAccess(layer);
    }
    return loader;
  }

  /** Without this, JDK 24 and later warn of it, and later ones will refuse. */
  private static void allowNativeAccess(ModuleLayer.Controller layer) {
    Module module = layer.layer().findModule(MODULE).orElseThrow();
    try {
      ModuleLayer.Controller.class
          .getMethod("enableNativeAccess", Module.class)
          .invoke(layer, module);
    } catch (ReflectiveOperationException e) {
      // Before JDK 22, nothing needs to be allowed.
    }
  }

  private static ProtectionDomain trusted() {
    Permissions all = new Permissions();
    all.add(new AllPermission());
    return new ProtectionDomain(null, all);
  }

  /** What the build has written for this class. */
  private String text(String entry) throws IOException {
    return new String(PackedFiles.entry(jar, entry), StandardCharsets.UTF_8);
  }

  private byte[] bytes(String file) throws IOException {
    byte[] bytes = bytesOrNull(file);
    if (bytes == null) {
      throw new ZipException(jar + " has no " + file);
    }
    return bytes;
  }

  /** Returns what a file holds, or {@code null} if there is none of that name. */
  private byte[] bytesOrNull(String file) throws IOException {
    for (PackedFiles room : rooms) {
      byte[] bytes = room.bytes(file);
      if (bytes != null) {
        return bytes;
      }
    }
    return file.endsWith(LIBRARY_SUFFIX) ? PackedFiles.entryOrNull(jar, NATIVE + file) : null;
  }

  private boolean contains(String file) {
    try {
      for (PackedFiles room : rooms) {
        if (room.contains(file)) {
          return true;
        }
      }
      return file.endsWith(LIBRARY_SUFFIX) && PackedFiles.hasEntry(jar, NATIVE + file);
    } catch (IOException e) {
      return true; // whoever reads it learns why that is impossible
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    String file = name.replace('.', '/') + CLASS_SUFFIX;
    try {
      byte[] bytes = bytesOrNull(file);
      if (bytes == null) {
        throw new ClassNotFoundException(name);
      }
      return defineClass(name, bytes, 0, bytes.length, TRUSTED);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  @Override
  protected Class<?> findClass(String moduleName, String name) {
    try {
      return findClass(name);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  @Override
  protected URL findResource(String name) {
    // A class file is asked for by its usual name (Byte Buddy reads advice that way).
    String file =
        name.endsWith(".class")
            ? name.substring(0, name.length() - ".class".length()) + CLASS_SUFFIX
            : name;
    try {
      return contains(file) ? new URL(null, "tcpstates-agent:/" + file, new RoomHandler()) : null;
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected URL findResource(String moduleName, String name) {
    return findResource(name);
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    URL url = findResource(name);
    return url == null ? Collections.emptyEnumeration() : Collections.enumeration(List.of(url));
  }

  /**
   * Reads from memory, but for native libraries. A {@code jar:} URL would open the file each time,
   * and can't name a jar in a folder whose name ends with an exclamation mark.
   */
  private final class RoomHandler extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {}

        @Override
        public InputStream getInputStream() throws IOException {
          return new ByteArrayInputStream(bytes(url.getPath().substring(1)));
        }
      };
    }
  }

  /** A finder that knows one module, which is never read through it: we define its classes. */
  private static final class OneModule implements ModuleFinder {
    private final ModuleReference reference;

    OneModule(ModuleDescriptor descriptor) {
      reference =
          new ModuleReference(descriptor, null) {
            @Override
            public ModuleReader open() {
              throw new UncheckedIOException(new IOException("read through its class loader only"));
            }
          };
    }

    @Override
    public Optional<ModuleReference> find(String name) {
      return name.equals(MODULE) ? Optional.of(reference) : Optional.empty();
    }

    @Override
    public Set<ModuleReference> findAll() {
      return Set.of(reference);
    }
  }
}
