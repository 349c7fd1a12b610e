module.exports = require("../index.js").network;
