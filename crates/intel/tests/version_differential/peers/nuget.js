const nuget = require("@snyk/nuget-semver");
const lines = require("fs").readFileSync(0, "utf8").split("\n").slice(0, -1);
console.log(lines.map((line) => {
    const [a, b] = line.split("\t");
    try {
        if (!nuget.valid(a) || !nuget.valid(b)) return "!";
        const sign = nuget.compare(a, b);
        return sign < 0 ? "<" : sign > 0 ? ">" : "=";
    } catch {
        return "!";
    }
}).join("\n"));
