/**
 * GitHub's runner as far as it reads what an action writes: which lines it takes for commands, and what it finds in the
 * file of outputs. Written after `ActionCommand.cs` and `FileCommandManager.cs` of github.com/actions/runner; it is
 * meant to see a command wherever the runner could.
 */

/** Every line that acts, with its data as the runner decodes it, and the lines that do not. */
export function readLog(text) {
  const commands = [];
  const lines = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    // What nobody sees may or may not be cut off or passed over; here it always is.
    const bare = line.replace(/[^\x21-\x7e ]/g, "").trimStart();
    const [, name, properties, data] = /^::([^\s:]*) ?(.*?)::(.*)$/.exec(bare) ? commandOf(line) : [];
    if (name !== undefined) commands.push({ name, ...propertiesOf(properties), text: decoded(data) });
    else if (bare.includes("##[")) commands.push({ name: bare });
    else lines.push(line);
  }
  return { commands, lines };
}

function commandOf(line) {
  return /^[^\x21-\x7e]*::([^\s:]*) ?(.*?)::(.*)$/s.exec(line) ?? [line, line, "", ""];
}

function propertiesOf(text) {
  const pairs = text.split(",").filter((pair) => pair.includes("="));
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s)).map(([key, value]) => [key, decoded(value)]));
}

function decoded(text) {
  const signs = { "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%" };
  return text.replace(/%(?:0D|0A|3A|2C|25)/g, (code) => signs[code]);
}

/** The outputs in a file of outputs; a form that the runner refuses throws. */
export function readOutputs(text) {
  const outputs = {};
  const lines = text.split(/\r\n|\n/);
  while (lines.length > 0) {
    const line = lines.shift();
    if (line === "") continue;
    const heredoc = line.indexOf("<<");
    const equals = line.indexOf("=");
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      outputs[line.slice(0, equals)] = line.slice(equals + 1);
      continue;
    }
    if (heredoc <= 0) throw new Error(`the runner cannot read ${JSON.stringify(line)}`);
    const delimiter = line.slice(heredoc + 2);
    const end = lines.indexOf(delimiter);
    if (end < 0) throw new Error(`the delimiter ${delimiter} never comes`);
    outputs[line.slice(0, heredoc)] = lines
      .splice(0, end + 1)
      .slice(0, -1)
      .join("\n");
  }
  return outputs;
}
