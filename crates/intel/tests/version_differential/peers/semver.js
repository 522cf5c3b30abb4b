const semver = require("semver");
const lines = require("fs").readFileSync(0, "utf8").split("\n").slice(0, -1);
console.log(lines.map((line) => {
    const [a, b] = line.split("\t");
    if (!semver.valid(a) || !semver.valid(b)) return "!";
    const sign = semver.compare(a, b);
    return sign < 0 ? "<" : sign > 0 ? ">" : "=";
}).join("\n"));
