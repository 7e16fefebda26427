// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.maven;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.model.ConfigurationContainer;
import org.apache.maven.model.Plugin;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * Adds the agent to the property {@code argLine}, from which Surefire and Failsafe take the
 * arguments of the JVMs that run the tests. Arguments that the property already has, such as
 * JaCoCo's, stay.
 *
 * <p>If the project configures {@code <argLine>} itself, that text must contain {@code @{argLine}}.
 */
@Mojo(name = "prepare-agent", defaultPhase = LifecyclePhase.INITIALIZE, threadSafe = true)
public final class PrepareAgentMojo extends AbstractMojo {
  private static final String AGENT = "dev.tcpstates:tcpstates-agent";
  private static final Set<String> TEST_PLUGINS =
      Set.of(
          "org.apache.maven.plugins:maven-surefire-plugin",
          "org.apache.maven.plugins:maven-failsafe-plugin");

  // The properties do not start with "tcpstates.", because Surefire passes Maven's properties on to
  // the test JVM, where the agent takes those for its options.

  /** Whether the tests run without the agent. */
  @Parameter(property = "tcpstates-agent.skip", defaultValue = "false")
  private boolean skip;

  /** The agent's options, separated by commas, such as {@code log=warn,stuckAfter=5s}. */
  @Parameter(property = "tcpstates-agent.options")
  private String options;

  /** The property that gets the agent. */
  @Parameter(property = "tcpstates-agent.propertyName", defaultValue = "argLine")
  private String propertyName;

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  private MavenProject project;

  @Parameter(defaultValue = "${plugin.artifactMap}", readonly = true, required = true)
  private Map<String, Artifact> pluginArtifacts;

  /** For Maven. */
  public PrepareAgentMojo() {}

  @Override
  public void execute() throws MojoExecutionException {
    Properties properties = project.getProperties();
    if (skip) {
      getLog().info("tcpstates-agent.skip is set: the tests run without the agent.");
      // Without a value, Surefire would pass the text @{argLine} to the JVM.
      properties.putIfAbsent(propertyName, "");
      return;
    }
    Artifact agent = pluginArtifacts.get(AGENT);
    if (agent == null || agent.getFile() == null) {
      throw new MojoExecutionException("Maven has not resolved " + AGENT + ".");
    }
    String arguments =
        ArgLine.withAgent(
            properties.getProperty(propertyName), agent.getFile().getAbsolutePath(), options);
    properties.setProperty(propertyName, arguments);
    getLog().info(propertyName + " set to " + arguments);
    for (String overriding : overriding()) {
      getLog()
          .warn(
              "The <argLine> of "
                  + overriding
                  + " does not contain @{"
                  + propertyName
                  + "}, so its tests run without the agent. Add it.");
    }
  }

  /** The plugins whose own {@code <argLine>} hides the property. */
  private List<String> overriding() {
    List<String> overriding = new ArrayList<>();
    for (Plugin plugin : project.getBuildPlugins()) {
      if (TEST_PLUGINS.contains(plugin.getKey())
          && (hidesProperty(plugin)
              || plugin.getExecutions().stream().anyMatch(this::hidesProperty))) {
        overriding.add(plugin.getArtifactId());
      }
    }
    return overriding;
  }

  private boolean hidesProperty(ConfigurationContainer configured) {
    if (!(configured.getConfiguration() instanceof Xpp3Dom configuration)) {
      return false;
    }
    Xpp3Dom argLine = configuration.getChild("argLine");
    return argLine != null
        && argLine.getValue() != null
        && !argLine.getValue().contains("{" + propertyName + "}");
  }
}
