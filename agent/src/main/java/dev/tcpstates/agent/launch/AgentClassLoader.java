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
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/**
 * Loads the agent and its libraries from the jar's {@code inst/} folder, unseen by the application
 * and blind to its class path, as one named module.
 *
 * <p>A module of its own, because JDK 24 and later warn about native access, and permission can be
 * given either to a named module or to all code on the class path.
 */
final class AgentClassLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private static final String MODULE = "dev.tcpstates.agent";
  private static final String FOLDER = "inst/";
  private static final String PACKAGES = FOLDER + "packages";
  private static final String CLASS_SUFFIX = ".classdata";

  /** What the agent or its libraries use of the JDK; each only where this JVM has it. */
  private static final List<String> USED_MODULES =
      List.of("java.instrument", "java.management", "jdk.attach", "jdk.jfr", "jdk.unsupported");

  /** Under a SecurityManager, what the agent may do must not depend on the application's policy. */
  private static final ProtectionDomain TRUSTED = trusted();

  /** What only commands need, and libraries, which are loaded at the start or never. */
  private static final List<String> COMMANDS =
      List.of(
          FOLDER + "dev/tcpstates/agent/cli/",
          FOLDER + "dev/tcpstates/jfr/analysis/",
          FOLDER + "org/openjdk/",
          FOLDER + "picocli/");

  /** How the names of the classes in this one begin. */
  private static final String NESTED = AgentClassLoader.class.getName().replace('.', '/') + "$";

  private final JarImage jar;

  private AgentClassLoader(JarImage jar) {
    super("tcpstates-agent", ClassLoader.getPlatformClassLoader());
    this.jar = jar;
  }

  static ClassLoader open(Path path) throws IOException {
    return open(new JarImage(path, AgentClassLoader::isKeptByAgent), false);
  }

  private static boolean isKeptByAgent(String name) {
    for (String folder : COMMANDS) {
      if (name.startsWith(folder)) {
        return false;
      }
    }
    return isKept(name);
  }

  private static boolean isKept(String name) {
    return (name.startsWith(FOLDER) || name.equals(JarFile.MANIFEST_NAME)) && !name.endsWith(".so");
  }

  /** The JVM reads these classes from the file, which may be another one later. */
  private static void loadNested(JarImage jar) {
    for (String name : jar.names()) {
      if (name.startsWith(NESTED) && name.endsWith(".class")) {
        String type = name.substring(0, name.length() - ".class".length()).replace('/', '.');
        try {
          Class.forName(type, true, AgentClassLoader.class.getClassLoader());
        } catch (ClassNotFoundException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /**
   * The same for the command, whose JVM has no instrumentation to allow native access with: the
   * jar's manifest allows it to this class, which may pass it on.
   */
  static ClassLoader openForCommand(Path path) throws IOException {
    return open(new JarImage(path, AgentClassLoader::isKept), true);
  }

  private static ClassLoader open(JarImage jar, boolean command) throws IOException {
    loadNested(jar);
    AgentClassLoader loader = new AgentClassLoader(jar);
    ModuleLayer boot = ModuleLayer.boot();
    ModuleDescriptor.Builder module =
        ModuleDescriptor.newOpenModule(MODULE)
            .version(loader.version())
            .packages(loader.packages());
    for (String used : USED_MODULES) {
      if (boot.findModule(used).isPresent()) {
        module.requires(used);
      }
    }
    module.uses("org.slf4j.spi.SLF4JServiceProvider");
    module.provides(
        "org.slf4j.spi.SLF4JServiceProvider",
        List.of("dev.tcpstates.agent.log.StandardErrorProvider"));
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

  private String version() throws IOException {
    return new Manifest(new ByteArrayInputStream(jar.bytes(JarFile.MANIFEST_NAME)))
        .getMainAttributes()
        .getValue("Implementation-Version");
  }

  /** Written by the build. */
  private Set<String> packages() throws IOException {
    return Set.of(new String(jar.bytes(PACKAGES), StandardCharsets.UTF_8).split(","));
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    String entry = FOLDER + name.replace('.', '/') + CLASS_SUFFIX;
    if (!jar.contains(entry)) {
      throw new ClassNotFoundException(name);
    }
    try {
      byte[] bytes = jar.bytes(entry);
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
    String entry =
        FOLDER
            + (name.endsWith(".class")
                ? name.substring(0, name.length() - ".class".length()) + CLASS_SUFFIX
                : name);
    if (!jar.contains(entry)) {
      return null;
    }
    try {
      return new URL(null, "tcpstates-agent:/" + entry, new JarHandler());
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
   * Reads from memory. A {@code jar:} URL would open the file, and can't name a jar in a folder
   * whose name ends with an exclamation mark.
   */
  private final class JarHandler extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {}

        @Override
        public InputStream getInputStream() throws IOException {
          return new ByteArrayInputStream(jar.bytes(url.getPath().substring(1)));
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
